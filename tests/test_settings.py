"""Settings: three sources in order, and an error that names key, value, what is allowed and where it came from."""

from __future__ import annotations

from pathlib import Path

import pytest

from extractors.errors import SeedFileError, SettingsError
from flows.settings import PACKAGE_SEEDS, Settings, load_settings, seed_file, seed_folders


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_without_any_source_the_defaults_hold() -> None:
    assert load_settings() == Settings()


def test_the_command_line_beats_the_environment_beats_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("storywatch.toml").write_text("concurrency = 3\nmax_attempts = 3\nhost_delay_seconds = 3\n")
    monkeypatch.setenv("STORYWATCH_CONCURRENCY", "4")
    monkeypatch.setenv("STORYWATCH_MAX_ATTEMPTS", "4")
    settings = load_settings({"concurrency": 5, "data_dir": None})
    assert (settings.concurrency, settings.max_attempts, settings.host_delay_seconds) == (5, 4, 3.0)
    assert settings.data_dir == Path("data")


@pytest.mark.parametrize(
    ("source", "key", "value"),
    [("file", "concurrency", "0"), ("environment", "host_delay_seconds", "-1"), ("environment", "contact", "nobody")],
)
def test_a_bad_value_names_key_value_range_and_source(
    source: str, key: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if source == "file":
        Path("storywatch.toml").write_text(f"{key} = {value}\n")
    else:
        monkeypatch.setenv(f"STORYWATCH_{key.upper()}", value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    error = caught.value
    assert error.key == key
    assert str(error.value) == value
    assert error.origin == ("storywatch.toml" if source == "file" else f"STORYWATCH_{key.upper()} in the environment")
    assert any(word in error.allowed for word in ("greater", "must be an e-mail"))


def test_an_unknown_key_is_an_error_that_suggests_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORYWATCH_CONTACTS", "a@b.example")
    with pytest.raises(SettingsError, match=r"STORYWATCH_CONTACTS.*did you mean contact\?"):
        load_settings()


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    Path("storywatch.toml").write_text("concurrency = \n")
    with pytest.raises(SeedFileError, match=r"storywatch\.toml.*line 1"):
        load_settings()


def test_the_test_data_variable_is_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORYWATCH_TESTDATA", "somewhere")
    assert load_settings() == Settings()


def test_seeds_of_the_working_directory_come_before_the_packaged_ones() -> None:
    assert seed_folders(Settings()) == (PACKAGE_SEEDS,)
    Path("seeds").mkdir()
    assert seed_folders(Settings()) == (Path("seeds"), PACKAGE_SEEDS)
    assert seed_file("feeds.toml", None, Settings()) == PACKAGE_SEEDS / "feeds.toml"
    Path("seeds/feeds.toml").touch()
    assert seed_file("feeds.toml", None, Settings()) == Path("seeds/feeds.toml")
    assert seed_file("feeds.toml", Path("mine.toml"), Settings()) == Path("mine.toml")


def test_a_chosen_seed_folder_stands_in_for_the_one_of_the_working_directory(tmp_path: Path) -> None:
    Path("seeds").mkdir()
    (tmp_path / "others").mkdir()
    assert seed_folders(Settings(seeds_dir=Path("others"))) == (Path("others"), PACKAGE_SEEDS)


def test_each_seed_folder_is_named_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PACKAGE_SEEDS.parent)
    assert seed_folders(Settings()) == (PACKAGE_SEEDS,)
    assert seed_folders(Settings(seeds_dir=PACKAGE_SEEDS)) == (PACKAGE_SEEDS,)


@pytest.mark.parametrize("contact", ["you@your-domain.org", "me@example.com", "https://example.org/bot"])
def test_a_placeholder_is_no_contact(contact: str) -> None:
    with pytest.raises(SettingsError, match="placeholder"):
        load_settings({"contact": contact})
