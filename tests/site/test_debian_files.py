"""What deploy/debian-files.sh writes on Debian, and that it keeps what others have written."""

import subprocess
from pathlib import Path

import pytest

from tests.paths import DOCS, ROOT

HOST = "ledger.example.org"
NGINX, UNITS = Path("etc/nginx"), Path("etc/systemd/system")
SITE, LINK = NGINX / "sites-available/park-ledger", NGINX / "sites-enabled/park-ledger"
SNIPPET, FOR_HTTP = NGINX / "snippets/park-ledger.conf", NGINX / "conf.d/park-ledger.conf"
INI, OURS = Path("etc/pgbouncer/pgbouncer.ini"), Path("etc/pgbouncer/park-ledger.ini")
INCLUDE = "%include /etc/pgbouncer/park-ledger.ini\n"
DEBIANS_NGINX = "http { include conf.d/*.conf; include sites-enabled/*; }\n"
DEBIANS_INI = "[databases]\n;* = host=testserver\n\n[users]\n\n[pgbouncer]\nlisten_port = 6432\n"
NGINX_OF_1_0_0 = """http {
    upstream ledger { server 127.0.0.1:8000; }
    server { listen 443 ssl; # managed by Certbot
    }
}
"""


@pytest.fixture
def debian(tmp_path: Path) -> Path:
    """The folders of a Debian with nginx, PgBouncer and systemd, as their packages make them."""
    for folder in ("conf.d", "snippets", "sites-available", "sites-enabled"):
        (tmp_path / NGINX / folder).mkdir(parents=True)
    for folder in (UNITS, Path("etc/pgbouncer"), Path("etc/park-ledger")):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / NGINX / "nginx.conf").write_text(DEBIANS_NGINX)
    (tmp_path / INI).write_text(DEBIANS_INI)
    (tmp_path / "etc/park-ledger/application-password").write_text("secret\n")
    return tmp_path


def install(debian: Path, deploy: Path = ROOT / "deploy") -> list[str]:
    """Run the script; return what it tells the operator."""
    command = ["sh", deploy / "debian-files.sh", HOST]
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "ROOT": str(debian)}
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert all(line.startswith("Note: ") for line in lines)
    return lines


def read_files(debian: Path) -> dict[Path, str]:
    """All files below the root but the record of what was written."""
    return {
        path.relative_to(debian): path.read_text()
        for path in debian.rglob("*")
        if path.is_file() and "written" not in path.parts
    }


def newer_release(folder: Path) -> Path:
    """Copy what is shipped, with another line in each file that the script writes again."""
    subprocess.run(["cp", "-r", ROOT / "deploy", folder / "deploy"], check=True)
    nginx = folder / "deploy/nginx/nginx.conf"
    text = nginx.read_text().replace("# end", "# of the newer release\n# end")
    nginx.write_text(text)
    for unit in (folder / "deploy/systemd").iterdir():
        unit.write_text(unit.read_text() + "# of the newer release\n")
    return folder / "deploy"


def test_a_new_installation_has_own_files_and_changes_one_line_of_debians(debian: Path) -> None:
    assert install(debian) == []
    written = read_files(debian)
    assert written[NGINX / "nginx.conf"] == DEBIANS_NGINX
    assert written[INI] == DEBIANS_INI + INCLUDE
    assert "ledger = host=127.0.0.1 port=5432" in written[OURS]
    assert (debian / OURS).stat().st_mode & 0o077 == 0
    assert f"server_name {HOST};" in written[SITE]
    assert "include snippets/park-ledger.conf;" in written[SITE]
    assert (debian / LINK).resolve() == debian / SITE
    assert {path.name for path in (debian / UNITS).iterdir()} == {
        path.name for path in (ROOT / "deploy/systemd").iterdir()
    }


def test_the_files_of_nginx_are_the_one_of_compose_in_parts(debian: Path) -> None:
    install(debian)
    parts = [(debian / path).read_text() for path in (FOR_HTTP, SITE, SNIPPET)]
    assert "server 127.0.0.1:8000;" in parts[0]
    assert "/dev/std" not in "".join(parts)
    for text in parts:
        assert text.count("{") == text.count("}")
        assert "# begin" not in text
        assert "# end" not in text
    whole = (ROOT / "deploy/nginx/nginx.conf").read_text()
    served = whole[whole.index("# begin server") :]
    told = {line.strip() for line in served.splitlines() if line.strip().endswith(";")}
    snippet = {line.strip() for line in parts[2].splitlines()}
    assert {line for line in told if "/dev/stdout" not in line} <= snippet


def test_a_second_run_changes_nothing(debian: Path) -> None:
    install(debian)
    before = read_files(debian)
    assert install(debian) == []
    assert read_files(debian) == before


def test_an_upgrade_replaces_own_files_and_nothing_else(debian: Path, tmp_path: Path) -> None:
    install(debian)
    before = read_files(debian)
    newer = newer_release(tmp_path)
    assert install(debian, newer) == []
    after = read_files(debian)
    units = {UNITS / path.name for path in (ROOT / "deploy/systemd").iterdir()}
    changed = {path for path in before if after[path] != before[path]}
    assert changed == {SNIPPET, FOR_HTTP, *units}
    assert all("of the newer release" in after[path] for path in changed)


def test_edited_files_are_kept_by_an_upgrade(debian: Path, tmp_path: Path) -> None:
    install(debian)
    written_once, replaced = (SITE, OURS, INI), (SNIPPET, FOR_HTTP, UNITS / "park-ledger.service")
    edited = {}
    for path in (*written_once, *replaced):
        edited[path] = (debian / path).read_text() + "# managed by Certbot\n"
        (debian / path).write_text(edited[path])
    newer = newer_release(tmp_path)
    for _time in range(2):
        notes = install(debian, newer)
        assert {line.split()[1] for line in notes} == {f"/{path}" for path in replaced}
        assert {path: (debian / path).read_text() for path in edited} == edited
    for path in written_once:  # they have nothing new to be merged
        assert not (debian / f"{path}.new").exists()
    # Whoever takes the new version has upgrades again
    for path in replaced:
        beside = debian / f"{path}.new"
        assert "of the newer release" in beside.read_text()
        (debian / path).write_text(beside.read_text())
    assert install(debian, newer) == []
    assert not any((debian / f"{path}.new").exists() for path in replaced)
    assert install(debian) == []
    assert not any("of the newer release" in (debian / path).read_text() for path in replaced)


def test_the_layout_of_1_0_0_is_kept_with_its_certificate_and_edits(debian: Path) -> None:
    (debian / NGINX / "nginx.conf").write_text(NGINX_OF_1_0_0)
    ini = "[databases]\nledger = host=10.0.0.2 port=5432\n[pgbouncer]\ndefault_pool_size = 7\n"
    (debian / INI).write_text(ini)
    (note,) = install(debian)
    assert "/etc/nginx/nginx.conf already passes requests on" in note
    assert "nginx.conf of 1.0.0" in note
    assert "## The nginx.conf of 1.0.0" in (DOCS / "how-to/upgrade.md").read_text()
    written = read_files(debian)
    assert written[NGINX / "nginx.conf"] == NGINX_OF_1_0_0
    assert written[INI] == ini
    assert not {SITE, SNIPPET, FOR_HTTP, OURS} & written.keys()


def test_units_of_1_0_0_are_replaced_unless_they_were_edited(debian: Path, tmp_path: Path) -> None:
    sums = (ROOT / "deploy/units-of-1.0.0.sha256").read_text().split()
    assert len(sums) == 2 * 5
    newer = newer_release(tmp_path)
    # What is known by its sum counts as written by the ledger
    command = "sha256sum deploy/systemd/*-work.service > deploy/units-of-1.0.0.sha256"
    subprocess.run(["sh", "-c", command], cwd=tmp_path, check=True)
    unit = newer / "systemd/park-ledger-work.service"
    (debian / UNITS / unit.name).write_text(unit.read_text())
    # Timers of before are gone, unless somebody has edited them
    (debian / UNITS / "park-ledger-backup.timer").write_text(unit.read_text())
    (debian / UNITS / "park-ledger-reminders.timer").write_text("[Unit]\nDescription=edited\n")
    unit.write_text(unit.read_text() + "# still newer\n")
    (debian / UNITS / "park-ledger.service").write_text("[Unit]\nDescription=by hand\n")
    notes = install(debian, newer)
    assert [line.split()[1:4] for line in notes] == [
        [f"/{UNITS}/park-ledger.service", "was", "edited"],
        [f"/{UNITS}/park-ledger-reminders.timer", "was", "edited"],
    ]
    assert "by hand" in (debian / UNITS / "park-ledger.service").read_text()
    assert "still newer" in (debian / UNITS / unit.name).read_text()
    assert not (debian / UNITS / "park-ledger-backup.timer").exists()


def test_a_name_that_another_site_serves_is_left_to_it(debian: Path) -> None:
    theirs = debian / NGINX / "sites-enabled/bureau"
    theirs.write_text(f"server {{ listen 80; server_name www.example.org {HOST}; }}\n")
    (note,) = install(debian)
    assert "sites-enabled/bureau already serves" in note
    assert not (debian / SITE).exists()
    theirs.write_text(theirs.read_text().replace("}", "include snippets/park-ledger.conf; }"))
    assert install(debian) == []
    assert not (debian / SITE).exists()
    assert (debian / SNIPPET).exists()


def test_a_pgbouncer_with_databases_of_others_is_left_alone(debian: Path) -> None:
    theirs = DEBIANS_INI.replace(";* =", "wiki =")
    (debian / INI).write_text(theirs)
    (note,) = install(debian)
    assert "pgbouncer.ini has databases of others" in note
    assert (debian / INI).read_text() == theirs
    assert not (debian / OURS).exists()


def test_a_new_installation_sends_nobody_to_https_that_is_not_there() -> None:
    installer = (ROOT / "deploy/install-on-debian.sh").read_text()
    environment = installer.split('cat > "$settings/environment" <<END')[1].split("END")[0]
    assert "SECURE_SSL=false" in environment.splitlines()
    guide = (DOCS / "how-to/deploy.md").read_text().split("### A certificate")[1]
    assert guide.index("certbot --nginx") < guide.index("SECURE_SSL=true")
