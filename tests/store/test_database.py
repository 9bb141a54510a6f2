import pytest

from contracts.errors import ConfigError
from store.database import Database


@pytest.mark.parametrize("url", ["hush-hush", "nobody://u:hush-hush@host/x", "postgresql+pg8000://u:hush-hush@host/x"])
def test_an_address_that_cannot_be_opened_is_named_by_its_setting_and_not_shown(url: str) -> None:
    with pytest.raises(ConfigError, match="PLAINWATCH_DATABASE_URL") as raised:
        Database(url)

    assert "hush-hush" not in str(raised.value)
    assert raised.value.remedy
