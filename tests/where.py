"""On which database each file of tests runs in `make test`, and why; a test holds it complete.

What takes long, and is broken by little that other tests would not see, stands in LONG.

With arguments, and in `make test-long`, every test runs on both, but for those in ALONE, which are
about one of them. Without, tests that touch no database run once. A new file goes on both if what
it asks is answered otherwise by another database: by SQL that differs, constraints, locks,
transactions, orders, texts or the way in which rows are written; and if no file does so yet that is
on both: one of each kind is enough.
"""

BOTH = {
    "constraints, and what is said of them": """
        config/api/problems/test_database_errors.py
        projects/test_constraints.py
    """,
    "locks, transactions and writers at once": """
        config/test_doctor.py
        config/test_health.py
        parks/accounts/test_lockout.py
        parks/test_backups.py
        parks/history/test_feed_under_writers.py
        parks/history/test_protect_history.py
        parks/history/test_settling.py
        config/api/load/test_time_limits.py
        parks/recording/test_marks.py
        projects/summaries/test_by_parks.py
        projects/importing/test_import_killed.py
        projects/test_edits_at_once.py
        projects/test_merging.py
        site/test_file_failures.py
    """,
    "what is written in bulk: COPY, RETURNING, sequences": """
        parks/recording/test_recording.py
        projects/importing/test_import.py
        projects/importing/test_import_flows.py
        projects/test_bulk.py
        projects/test_write_then_read.py
    """,
    "what the database derives and compares: dates, texts, conditions": """
        config/spreadsheets/test_queries.py
        parks/test_names.py
        projects/dimensions/test_dimensions.py
        projects/lifecycle/test_investment.py
        projects/lifecycle/test_lifecycle.py
        projects/lifecycle/test_parts.py
        projects/lifecycle/test_staleness.py
        projects/test_currencies.py
        projects/tracking/test_due.py
        projects/tracking/test_monday_meeting.py
    """,
    "lists: filters, orders, pages, files": """
        config/api/lists/test_pagination.py
        projects/oracle/test_filter_oracle.py
        projects/oracle/test_page_walk.py
        site/test_query_plans.py
        projects/test_project_list.py
        projects/test_search.py
        projects/test_whole_rows.py
        site/test_files.py
        site/test_parameters.py
        site/test_plans.py
        projects/test_claims.py
    """,
    "sums and groups": """
        parks/claims/test_figures_summary.py
        projects/oracle/test_rate_oracle.py
        projects/oracle/test_summary_oracle.py
        projects/summaries/test_funding_summary.py
        projects/summaries/test_land.py
        projects/summaries/test_project_facets.py
        projects/summaries/test_rates.py
        projects/summaries/test_summary.py
    """,
    "versions, the past and the feed, which JSON and snapshots carry": """
        parks/history/test_feed.py
        parks/history/test_history.py
        parks/history/test_verify_history.py
        projects/test_as_of.py
    """,
}
# What only one of them has: in no run it is asked of the other, whoever names the file
ALONE = {
    "sqlite": {
        "SQLite's file and its lock are lost and waited for, its connections kept": """
            config/test_sqlite.py
            contract/test_faults_of_sqlite.py
        """,
        "its statements are ended by a handler": """
            config/api/load/test_time_limits.py::test_sqlite_ends_a_statement_whose_rows_come_late_and_counts_their_time
        """,
        "PostgreSQL adds up itself what is read in columns of SQLite": """
            projects/summaries/test_by_columns.py
        """,
    },
    "postgresql": {
        "SQLite has no standbys": """
            config/test_replicas.py
        """,
        "a limit is told to the server": """
            config/api/load/test_time_limits.py::test_postgresql_is_told_what_is_left_in_and_after_transactions
            config/api/load/test_time_limits.py::test_postgresql_ends_a_statement_when_nothing_is_left
            config/api/load/test_time_limits.py::test_what_a_pipeline_waits_for_is_taken_from_the_time_of_the_request
            config/api/load/test_time_limits.py::test_servers_have_each_question_planned_for_its_values
        """,
        "it starts a PostgreSQL of its own": """
            contract/test_faults_of_postgresql.py
        """,
        "a copy of SQLite's file is the file, and no cluster is restored": """
            contract/test_feed_after_restore.py
        """,
    },
}
ON_SQLITE = {
    "it is about what is said of files, bodies and forms": """
        at_the_door/test_at_the_door.py
    """,
    "it is about a limit that SQLite has": """
        projects/dimensions/test_column_order.py
    """,
    "templates of both databases are made by migrating, by the same rules": """
        tooling/test_templates.py
    """,
    "it has no database, or takes one to have rows": """
        projects/pages/test_pages.py
        projects/pages/test_pages_in_browser.py
        projects/pages/sharing/test_sharing.py
        projects/pages/test_reminders.py
        projects/pages/test_two_languages.py
        config/api/openapi/test_components.py
        config/api/openapi/test_schema.py
        config/api/caching/test_memory.py
        config/api/test_renderers.py
        config/api/test_requests.py
        config/reading/test_csv_files.py
        config/reading/test_xlsx_files.py
        config/spreadsheets/test_spreadsheets.py
        config/spreadsheets/test_xlsx_writing.py
        config/test_amounts.py
        config/test_checks.py
        config/test_gunicorn.py
        config/test_secret_files.py
        config/test_settings.py
        config/test_suggestions.py
        projects/test_fields.py
        site/test_benchmarks.py
        site/test_deploy.py
        site/test_docs.py
        site/test_fixture_makers.py
        site/test_fixtures.py
        site/test_floor.py
        site/test_house_rules.py
        site/test_new_field.py
        site/test_openapi.py
        site/test_sector_names.py
        site/test_translations.py
        tooling/test_make.py
        tooling/test_postgres.py
        tooling/test_audit.py
        tooling/test_release.py
        tooling/test_sbom.py
        tooling/test_screenshots.py
        tooling/test_where.py
    """,
    "it is about HTTP: what is understood, refused and allowed before a row is asked for": """
        config/api/caching/test_preconditions.py
        config/api/openapi/test_about.py
        config/api/openapi/test_index.py
        config/api/test_readers.py
        config/api/test_sparse_fields.py
        config/api/test_strict_bodies.py
        config/api/test_strict_parameters.py
        config/api/test_unoffered.py
        config/api/test_views.py
        contract/test_bodies_are_refused.py
        contract/test_compression.py
        contract/test_cors.py
        contract/test_deprecation.py
        contract/test_errors.py
        contract/test_every_past_day.py
        contract/test_generated_client.py
        contract/test_limits.py
        contract/test_meant.py
        contract/test_nonsense.py
        contract/test_parameters_are_refused.py
        contract/test_promises.py
        contract/test_schemathesis.py
        contract/test_teaching.py
        integration/test_tasks.py
        parks/accounts/test_tokens.py
        parks/test_membership.py
        projects/admin/test_admin_progress.py
        projects/admin/test_doubts_in_admin.py
        projects/importing/test_import_doubts.py
        projects/importing/test_import_duplicates.py
        projects/importing/test_import_further_amounts.py
        projects/importing/test_import_increases.py
        projects/importing/test_import_approvals.py
        projects/importing/test_import_in_part.py
        projects/importing/test_import_rights.py
        projects/importing/test_import_set_aside.py
        projects/importing/test_import_tags_of_rows.py
        projects/importing/test_import_units.py
        projects/test_conditional_get.py
        projects/doubts/test_doubts_of_duplicates.py
        projects/doubts/test_duplicates.py
        projects/test_edits.py
        projects/test_project_write.py
        projects/test_geojson.py
        projects/test_places.py
        projects/test_put.py
        projects/tracking/test_attention.py
        projects/tracking/test_people.py
        projects/tracking/test_plans.py
        projects/tracking/test_progress.py
        projects/tracking/test_targets.py
        site/test_access.py
        site/test_access_elsewhere.py
        site/test_canaries.py
        site/test_drafts.py
        site/test_history_queries.py
        site/test_how_to_follow.py
        site/test_how_to_tables.py
        site/test_how_to_write.py
        site/test_queries.py
        site/test_refused_pages.py
        config/test_metrics.py
        site/test_texts.py
    """,
    "it is about pages, pictures and sheets that Python makes of rows": """
        parks/admin/test_admin.py
        parks/admin/test_admin_claims.py
        parks/admin/test_admin_conflicts.py
        parks/admin/test_admin_history.py
        parks/admin/test_admin_roles.py
        parks/admin/test_choosing.py
        projects/admin/test_admin.py
        projects/admin/test_admin_in_browser.py
        projects/admin/test_entering_in_browser.py
        projects/admin/test_day_of_a_clerk.py
        projects/admin/test_keyboard_alone.py
        projects/admin/test_admin_rows.py
        projects/admin/test_import_admin.py
        projects/admin/test_many_rows.py
        projects/admin/test_months.py
        projects/admin/test_project_list.py
        projects/charts/test_charts.py
        projects/charts/test_drawing.py
        projects/charts/test_pictures_in_browser.py
        projects/charts/test_summary_pictures.py
        projects/importing/test_import_columns.py
        projects/importing/test_import_command.py
        projects/importing/test_import_hostile.py
        projects/importing/test_import_memory.py
        projects/importing/test_import_investors.py
        projects/importing/test_import_mappings.py
        projects/importing/test_import_planner_sheets.py
        projects/importing/test_import_round_trip.py
        projects/importing/test_import_template.py
        projects/summaries/test_questions_page.py
        site/test_computed_files.py
        site/test_files_in_libreoffice.py
        site/test_import_after_libreoffice.py
        site/test_round_trip.py
    """,
    "its rows are written and asked for as those of other files, which run on both": """
        config/api/caching/test_answers.py
        config/api/problems/test_problems.py
        config/test_dates.py
        parks/recording/test_ledger_codes.py
        parks/test_made_for.py
        parks/test_unchanged.py
        parks/test_vocabularies.py
        projects/admin/test_changing_many.py
        projects/admin/test_merging_pages.py
        projects/importing/test_import_lifecycle.py
        projects/importing/test_import_others.py
        projects/importing/test_import_progress.py
        projects/importing/test_import_versions.py
        projects/lifecycle/test_approvals.py
        projects/lifecycle/test_new_rows.py
        projects/lifecycle/test_totals_exclusion.py
        projects/seeding/test_demo.py
        projects/seeding/test_load_fixtures.py
        projects/tagging/test_tags.py
        projects/test_bulk_as_single.py
        projects/test_capital.py
        projects/test_export_projects.py
        projects/test_increases.py
        projects/test_project_csv.py
        parks/accounts/test_accounts.py
        parks/accounts/test_openid.py
        parks/accounts/test_passwords.py
        parks/accounts/test_ensure_admin.py
        parks/claims/test_figures.py
        parks/claims/test_indicators.py
        parks/claims/test_park_figures.py
        parks/claims/test_people.py
        parks/claims/test_timeline.py
        parks/test_organisations.py
        parks/test_parks.py
        parks/test_parks_compare.py
        parks/test_region_groups.py
        parks/test_regions.py
        parks/test_sector_groups.py
        parks/test_sectors.py
        parks/test_sources.py
        projects/children/test_event_figures.py
        projects/children/test_fundings.py
        projects/children/test_milestones.py
        projects/children/test_participations.py
        projects/children/test_project_figures.py
        projects/test_events.py
        projects/doubts/test_doubts_of_amounts.py
        projects/test_project_detail.py
        projects/importing/test_import_unwritten.py
        projects/summaries/test_cohorts.py
        projects/summaries/test_follow_through.py
        projects/summaries/test_overviews.py
        projects/test_history.py
        projects/test_lists_in_bodies.py
        projects/test_national_code.py
        projects/test_restore.py
    """,
    "all of the shipped ledger takes long to load, of which parts are loaded on both": """
        site/test_real_ledger.py
    """,
}
# Tests that `make test-long` runs, and who names their file
LONG = {
    "it walks through every page once more": """
        projects/admin/test_day_of_a_clerk.py::test_a_day_of_a_clerk
        projects/admin/test_entering_in_browser.py::test_nobody_is_kept_from_a_page_of_the_admin
        projects/pages/test_pages.py::test_every_page_that_a_page_opens_is_there
        projects/pages/test_pages_in_browser.py::test_every_page_is_used_by_keys_alone
    """,
    "LibreOffice opens and saves what others read cell by cell": """
        site/test_files_in_libreoffice.py::test_what_it_saves_has_the_same_cells
        site/test_files_in_libreoffice.py::test_without_the_guard_there_would_be_formulas
        site/test_import_after_libreoffice.py::test_nothing_is_changed_silently
    """,
    "it follows a recipe to its end, of which a shorter test fails for each step left out": """
        site/test_new_field.py::test_the_example_of_a_field_is_everywhere_after_its_steps
    """,
    "others' compilers read all that we publish, whose changes `docs/openapi.yaml` shows": """
        contract/test_generated_client.py::test_a_program_with_generated_types_does_the_same
    """,
    "a server or a migration is started for it alone": """
        contract/test_faults_of_postgresql.py::test_a_migration_that_waits_lets_nobody_wait_long
        contract/test_faults_of_sqlite.py::test_a_full_disk_stops_writing_and_not_reading
        contract/test_feed_after_restore.py::test_a_cursor_is_good_in_a_restored_cluster_and_misses_nothing
    """,
    "whole programs are started, one after the other, for each line of a page": """
        parks/test_backups.py::test_the_commands_of_the_page_work_as_they_are_typed
    """,
    "it measures": """
        site/test_benchmarks.py::test_it_measures_a_small_ledger_beside_raw_sql
        site/test_benchmarks.py::test_each_page_is_measured_in_five_states
    """,
    "it migrates from nothing, as whoever runs the tests for the first time does": """
        tooling/test_templates.py::test_migrating_from_nothing_gives_what_the_tests_run_on
    """,
}


def files(*tables: dict[str, str]) -> list[str]:
    """The files of these tables, by their place in `tests/`."""
    return [file for table in tables for text in table.values() for file in text.split()]


def list_elsewhere(vendor: str) -> dict[str, str]:
    """List the files and tests that are about another database than this, and why they are."""
    tables = [table for other, table in ALONE.items() if other != vendor]
    return {
        name: reason for table in tables for reason, text in table.items() for name in text.split()
    }
