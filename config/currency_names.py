"""Name currencies: ISO 4217 codes of what was legal tender anywhere since 2000, as CLDR says.

The names are those of the Unicode CLDR (Unicode License v3) in simplified Chinese and English, read
with Babel 2.19; they stand in currencies.csv.
"""

from pathlib import Path

_FILE = Path(__file__).with_name("currencies.csv")
_ROWS = [line.split(",") for line in _FILE.read_text(encoding="utf-8").splitlines()[1:]]
CURRENCY_NAMES = {code: (chinese, english) for code, chinese, english in _ROWS}

# How amounts name them, the printed name first
USUAL_CURRENCIES = {
    "CNY": "元人民币|人民币元|人民币|元|chinese yuan|yuan|renminbi|rmb|cny|¥",
    "USD": "美元|美金|us dollars|u.s. dollars|dollars|usd|us$|$",
    "HKD": "港元|港币|hong kong dollars|hkd|hk$",
    "TWD": "新台币|twd|nt$",
    "JPY": "日元|japanese yen|yen|jpy",
    "KRW": "韩元|korean won|won|krw",
    "EUR": "欧元|euros|euro|eur|€",
    "GBP": "英镑|pounds|gbp|£",
    "SGD": "新加坡元|singapore dollars|sgd",
    "AUD": "澳元|澳大利亚元|aud",
    "CAD": "加元|加拿大元|cad",
    "CHF": "瑞士法郎|瑞郎|chf",
}
CURRENCIES = {
    code: f"{chinese}|{code.lower()}" for code, (chinese, _english) in CURRENCY_NAMES.items()
} | USUAL_CURRENCIES
