"""On which database each file of tests runs in `make test`, and why.

A file in neither BOTH nor ALONE runs on SQLite. It belongs in BOTH if another database answers it
differently (SQL, constraints, locks, transactions, orders, texts, ways of writing) and no file of
that kind is there yet. Where tests are named below a file of BOTH, PostgreSQL runs only these.
With arguments, and in `make test-long`, every test runs on both, except those in ALONE. What takes
long, and would be noticed by other tests as well, stands in LONG.
"""

BOTH = {
    "what a database refuses to look for: NUL, numbers out of its range": """
        contract/test_hostile_pages.py
            test_what_was_an_error_is_none
            test_a_choice_of_a_row_takes_keys_alone
    """,
    "constraints, and what is said of them": """
        config/api/problems/test_database_errors.py
        bounds/test_rows.py projects/test_constraints.py
    """,
    "locks, transactions and writers at once": """
        config/test_doctor.py
            test_of_a_sound_installation_nothing_is_said
            test_every_fault_of_a_broken_installation_is_named_with_its_remedy
            test_a_database_that_does_not_answer_is_one_fault_among_others
        config/test_health.py
        parks/accounts/test_lockout.py
            test_it_opens_a_quarter_of_an_hour_after_the_fifth_wrong_password
            test_of_a_hundred_wrong_passwords_at_once_five_are_looked_at
        parks/test_backups.py
            test_a_backup_made_while_others_write_is_one_state_and_restores_whole
            test_what_is_in_the_database_is_replaced_only_if_that_is_said
            test_a_damaged_backup_leaves_what_is_there
            test_a_ledger_of_each_release_becomes_one_of_this_version
        parks/history/test_feed_under_writers.py
        parks/history/test_protect_history.py
        parks/history/test_settling.py
        config/api/load/test_time_limits.py
        parks/recording/test_clocks.py
            test_every_row_is_read_once_as_of_any_moment
            test_a_clock_may_be_five_seconds_behind_the_newest_write
            test_a_process_whose_clock_is_wrong_writes_by_that_of_the_database
            test_times_that_go_back_are_reported_and_repaired_by_new_versions_alone
            test_a_history_that_was_altered_is_not_repaired
        parks/recording/test_marks.py
        projects/summaries/test_by_parks.py
            test_after_a_write_only_its_park_is_added_up_again
            test_all_facets_are_counted_by_one_statement
            test_readers_beside_writers_leave_nothing_that_is_not_so
        projects/importing/test_import_at_once.py
        projects/importing/test_import_killed.py
            test_killing_an_import_leaves_nothing_and_sending_it_again_brings_all
        projects/test_edits_at_once.py
            test_no_edit_is_lost_when_all_read_and_write_one_number
            test_rows_of_a_project_that_are_written_at_once_all_count
            test_what_is_published_meanwhile_is_not_hidden
            test_a_part_that_is_linked_while_its_whole_changes_follows_it
            test_of_several_that_create_under_one_code_one_does
            test_of_two_that_merge_an_organisation_at_once_one_does
            test_a_walk_while_others_insert_and_delete_meets_every_lasting_row_once
        projects/test_merged_fields.py
            test_a_part_that_becomes_one_with_its_whole_takes_over_what_that_is_part_of
        projects/test_merging.py
            test_organisations_become_one_and_their_references_follow
            test_projects_become_one_with_all_that_is_known_of_both
            test_a_merge_is_taken_back_as_a_whole
        site/test_file_failures.py
            test_a_database_that_breaks_off_while_a_csv_file_is_built_is_a_503
            test_no_room_for_the_file_is_a_503
            test_a_workbook_is_of_one_state_whatever_is_written_meanwhile
            test_writers_do_not_wait_for_a_file_and_nothing_stays_open
    """,
    "what is written in bulk: COPY, RETURNING, sequences": """
        config/test_bulk_insert.py
        parks/recording/test_recording.py
            test_updating_many_at_once
            test_creating_many
            test_deleting_many
            test_what_is_rolled_back_leaves_nothing
            test_a_row_is_told_what_the_end_of_its_revision_works_out_as_a_query_gives_it
            test_an_import_the_same_file_with_changes_and_its_undoing
            test_every_term_that_is_shipped_is_taken
        projects/importing/test_import.py
            test_a_row_becomes_a_project_with_all_that_belongs_to_it
            test_only_what_differs_is_told_and_written
            test_names_of_investors_become_organisations_once
            test_an_import_is_taken_back_as_a_whole
        projects/test_bulk.py
            test_every_error_of_every_row_is_reported_and_nothing_is_written
            test_rows_of_a_bulk_become_what_they_would_one_by_one
            test_stored_projects_are_updated_and_a_retry_changes_nothing
        projects/test_write_then_read.py
    """,
    "what the database derives and compares: dates, texts, conditions": """
        projects/importing/test_import_hostile_workbooks.py
            test_a_header_or_title_of_such_characters_is_no_fault_of_the_server
            test_what_excel_reads_is_read_as_excel_reads_it
        config/spreadsheets/test_queries.py
        parks/test_names.py
            test_a_region_is_found_by_whatever_it_is_called
            test_excluding_a_region_leaves_exactly_the_others_the_unknown_included
        projects/dimensions/test_dimensions.py
        projects/lifecycle/test_definitions.py
            test_of_two_totals_of_one_day_the_one_entered_later_is_the_headline
        projects/lifecycle/test_investment.py
            test_without_a_claim_the_amount_is_unknown_and_ranks_last
        projects/lifecycle/test_lifecycle.py
            test_milestones_deleted_as_a_set_are_followed_by_their_project
            test_many_derived_at_once_equal_each_derived_alone
            test_what_is_said_to_be_read_to_derive_is_what_the_statement_reads
        projects/oracle/test_derivation_oracle.py
        projects/lifecycle/test_parts.py
            test_either_a_signed_part_counts_or_what_it_is_a_part_of
        projects/lifecycle/test_staleness.py
            test_after_twenty_four_months_without_news_a_project_is_stale
            test_past_the_day_planned_for_the_next_step_a_project_is_stale
        projects/test_currencies.py
            test_totals_up_to_a_month_are_told_apart_by_currency
            test_sums_are_of_one_currency_and_say_what_they_leave_out
        projects/tracking/test_due.py
            test_silence_is_counted_in_months
            test_claims_of_one_day_and_basis_that_differ_are_in_conflict
        projects/tracking/test_monday_meeting.py
            test_questions_have_the_answers_that_the_page_prints
    """,
    "lists: filters, orders, pages, files": """
        config/api/lists/test_pagination.py
            test_the_order_is_total_with_unknown_values_last
            test_a_walk_forwards_meets_every_row_once_in_order
            test_a_walk_backwards_meets_the_same_pages
        projects/oracle/test_filter_oracle.py
        projects/oracle/test_page_walk.py
            test_a_walk_meets_every_project_once_and_in_order_both_ways
            test_projects_that_come_and_go_between_pages_disturb_no_other
        site/test_query_plans.py
        projects/test_project_list.py
            test_amounts_and_moments_are_bounds
            test_a_walk_over_known_and_unknown_amounts_leads_back
            test_unknown_values_come_last_in_both_directions
            test_every_order_is_total_and_may_be_walked_in_pages
        projects/test_search.py
            test_any_words_find_what_holds_them_all_best_first
            test_pages_lead_back_as_they_led_on
            test_rows_written_by_sql_are_found
            test_the_best_organisation_comes_first
            test_both_databases_fold_every_sign_alike
        projects/test_whole_rows.py
            test_children_are_shown_as_they_stood
            test_the_file_has_every_row_whole
            test_rows_are_found_by_their_codes_in_any_case
            test_five_hundred_codes_are_asked_for_at_once
        site/test_files_come_back.py test_a_file_that_comes_back_unchanged_is_all_the_same
        site/test_files.py
            test_both_files_have_the_rows_of_the_list_in_its_order
            test_bom_and_encoding_are_as_asked
            test_the_second_sheet_says_what_was_asked_and_where_it_comes_from
        site/test_parameters.py site/test_plans.py
        projects/test_claims.py
            test_the_pages_are_the_one_list_cut_into_pieces_both_ways
    """,
    "sums and groups": """
        parks/claims/test_figures_summary.py
            test_the_newest_claim_of_each_subject_is_added_up
            test_money_is_added_up_to_the_yuan
        projects/oracle/test_summary_oracle.py projects/oracle/test_rate_oracle.py
        projects/summaries/test_funding_summary.py
            test_flows_run_up_over_the_periods
            test_plans_stand_beside_what_was_completed
        projects/summaries/test_project_facets.py
            test_the_most_frequent_comes_first_and_unknown_last
        projects/summaries/test_summary.py
            test_a_row_is_answered_whole
            test_size_bands_count_each_and_all_larger_ones
            test_top_keeps_the_largest_and_puts_the_others_together
            test_periods_are_compared_with_those_a_year_before
    """,
    "versions, the past and the feed, which JSON and snapshots carry": """
        parks/history/test_feed.py
            test_a_change_says_what_when_and_in_which_fields
            test_to_whom_a_row_is_hidden_it_is_deleted_and_created_when_it_is_back
            test_pages_join_without_a_gap_also_where_a_filter_leaves_out_most
            test_a_database_that_was_emptied_is_another_ledger
            test_changes_that_were_pruned_are_said_to_be_gone_and_the_history_stays
            test_waiting_ends_with_the_first_change_or_with_the_time
        parks/history/test_history.py
            test_a_park_tells_its_members_of_sector_groups_by_name
            test_a_figure_tells_what_took_its_place
        parks/history/test_verify_history.py
            test_every_tampering_is_found_and_the_row_is_named
            test_a_sector_taken_from_a_version_of_a_park_is_found
            test_only_what_was_sealed_since_is_compared_again
        projects/test_as_of.py
            test_past_days_equal_a_replay_of_what_was_written
            test_a_moment_in_the_middle_of_a_day_is_that_moment
            test_figures_events_and_their_rows_stand_as_they_stood
            test_membership_of_groups_and_staleness_are_judged_at_that_day
    """,
}
# What only one of them has: in no run it is asked of the other, whoever names the file
ALONE = {
    "sqlite": {
        "SQLite's file and its lock are lost and waited for, its connections kept": """
            config/test_bulk_insert.py::test_many_rows_share_a_statement_of_sqlite
            config/test_sqlite.py
            contract/test_faults_of_sqlite.py
        """,
        "PostgreSQL knows no such limit, and chooses an index by how many rows there are": """
            projects/dimensions/test_column_order.py
            projects/doubts/test_doubts_of_duplicates.py::test_indexes_find_what_may_be_there
        """,
        "a column takes what is not of its type": """
            parks/history/test_verify_history.py::test_a_number_that_sqlite_takes_and_nobody_can_read_is_found
        """,
        "its statements are ended by a handler": """
            config/api/load/test_time_limits.py::test_sqlite_ends_a_statement_whose_rows_come_late_and_counts_their_time
        """,
    },
    "postgresql": {
        "SQLite has no standbys": """
            config/test_replicas.py
        """,
        "SQLite plans when it prepares, and keys are taken by its one writer": """
            config/test_bulk_insert.py::test_keys_between_which_others_took_some_are_told_one_by_one
            config/api/load/test_planning.py
        """,
        "a limit is told to the server": """
            config/api/load/test_time_limits.py::test_postgresql_is_told_what_is_left_in_and_after_transactions
            config/api/load/test_time_limits.py::test_postgresql_ends_a_statement_when_nothing_is_left
            config/api/load/test_time_limits.py::test_what_a_pipeline_waits_for_is_taken_from_the_time_of_the_request
            config/api/load/test_time_limits.py::test_servers_have_each_question_planned_for_its_values
        """,
        "a limit of locks is told to the connection, and tables are cleared up by a process": """
            config/test_migrate.py
        """,
        "SQLite is copied from a file in memory": """
            tooling/test_emptying.py
        """,
        "it starts a PostgreSQL of its own": """
            contract/test_faults_of_postgresql.py
        """,
        "a copy of SQLite's file is the file, and no cluster is restored": """
            contract/test_feed_after_restore.py
        """,
    },
}
# Files and tests that `make test-long` runs, and who names their file
LONG = {
    "it walks through every page once more": """
        projects/admin/test_day_of_a_clerk.py::test_a_day_of_a_clerk
        projects/admin/test_entering_in_browser.py::test_nobody_is_kept_from_a_page_of_the_admin
        projects/pages/test_pages.py::test_every_page_that_a_page_opens_is_there
        projects/pages/test_pages_in_browser.py::test_every_page_is_used_by_keys_alone
    """,
    "a browser does once more what others do in the same forms and pages, by clicks or by keys": """
        projects/admin/test_admin_in_browser.py
            test_what_is_wrong_is_said_beside_its_field_and_nothing_is_saved
            test_a_doubtful_date_is_saved_and_warned_about
        projects/admin/test_keyboard_alone.py
            test_a_sheet_is_imported_by_keys_alone
            test_many_projects_are_changed_and_that_undone_by_keys_alone
        projects/charts/test_pictures_in_browser.py
            test_a_click_on_a_bar_or_on_the_number_in_a_square_opens_its_list
        projects/pages/test_pages_in_browser.py
            test_a_page_is_printed_without_what_is_clicked
            test_another_site_shows_a_chart_and_nothing_else_of_ours
            test_a_link_is_copied_and_is_a_link_without_a_script
            test_what_is_misspelt_is_one_click_from_what_was_meant
    """,
    "provider, server and browser are started; what groups and claims give is asked daily": """
        parks/accounts/test_openid.py
            test_a_person_signs_in_and_has_the_roles_of_the_groups
            test_nobody_gets_into_an_account_by_its_name_or_an_address_that_was_not_verified
            test_a_verified_address_joins_the_account_that_has_it
            test_a_deactivated_account_stays_outside
            test_doctor_asks_the_provider_and_looks_for_the_parks
    """,
    "LibreOffice opens and saves what others read cell by cell": """
        site/test_files_in_libreoffice.py::test_no_cell_of_a_workbook_is_a_formula_and_no_text_is_changed
        site/test_files_in_libreoffice.py::test_what_it_saves_has_the_same_cells
        site/test_files_in_libreoffice.py::test_without_the_guard_there_would_be_formulas
        site/test_import_after_libreoffice.py::test_nothing_is_changed_silently
    """,
    "it follows a recipe to its end, of which a shorter test fails for each step left out": """
        site/test_new_field.py::test_the_example_of_a_field_is_everywhere_after_its_steps
    """,
    "others' compilers read all that we publish, whose changes `docs/openapi.yaml` shows": """
        contract/test_generated_client.py
    """,
    "a server or a migration is started for it alone": """
        contract/test_faults_of_postgresql.py
        contract/test_faults_of_sqlite.py
        contract/test_feed_after_restore.py
        contract/test_hostile_headers.py::test_no_header_breaks_the_server
        tooling/test_postgres.py::test_the_database_is_as_in_production
        tooling/test_postgres.py::test_nothing_is_left_when_it_is_stopped
        config/test_settings.py::test_gunicorn_does_not_start_with_debug_even_for_this_machine
        contract/test_limits.py::test_all_processes_of_a_server_count_together
    """,
    "it kills at random moments what is killed at each of its steps every day": """
        projects/importing/test_import_killed.py
            test_killing_an_import_at_any_moment_leaves_all_or_nothing
    """,
    "whole programs are started, one after the other, for each line of a page": """
        parks/test_backups.py::test_the_commands_of_the_page_work_as_they_are_typed
    """,
    "a browser, another pytest or the program of a page is started for it alone, several times": """
        config/api/openapi/test_about.py::test_an_operation_is_found_and_opened_and_nothing_is_blocked
        tooling/test_where.py::test_what_is_about_another_database_is_left_out_and_why_is_said
        site/test_how_to_follow.py::test_a_mirror_takes_pages_and_misses_nothing
    """,
    "the document that is served is compared every day": """
        site/test_openapi.py::test_the_snapshot_is_up_to_date
    """,
    "its draws are worth something in large numbers": """
        contract/test_schemathesis.py
    """,
    "`make check` measures the same": """
        tooling/test_house.py::test_every_bound_has_a_measure_and_the_tree_keeps_those_that_need_no_requests
    """,
    "it measures": """
        projects/importing/test_import_memory.py
            test_a_longer_file_takes_no_more_memory_a_row
            test_the_page_of_a_long_report_takes_no_more_memory
        site/test_benchmarks.py::test_it_measures_a_small_ledger_beside_raw_sql
    """,
    "it migrates from nothing, as whoever runs the tests for the first time does": """
        tooling/test_templates.py::test_migrating_from_nothing_gives_what_the_tests_run_on
    """,
}

# Folders whose files stand upon the same rows, and run in one process
TOGETHER = {"projects/oracle"}


def files(*tables: dict[str, str]) -> list[str]:
    """The files of these tables, by their place in `tests/`; tests named below one in its place."""
    named: list[str] = []
    for word in [word for table in tables for text in table.values() for word in text.split()]:
        if word.startswith("test_"):
            file, colons, _test = named[-1].partition("::")
            named[-1:] = [*named[-1:] * bool(colons), f"{file}::{word}"]
        else:
            named.append(word)
    return named


def list_elsewhere(vendor: str) -> dict[str, str]:
    """List the files and tests that are about another database than this, and why they are."""
    tables = [table for other, table in ALONE.items() if other != vendor]
    return {
        name: reason
        for table in tables
        for reason in table
        for name in files({reason: table[reason]})
    }
