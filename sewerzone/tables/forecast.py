"""What districts hold over the years, and what they are forecast to hold. These tables are no part of a plan."""

from sewerzone.tables.schema import Column, Table

RULES = ("trend", "trend_to_nothing", "last_share")
"""How a share was forecast: by its line; by its line, which falls below 0 and counts as 0; or as last observed."""

HISTORY = Table(
    "history", "地区別の推移", "People or households of every district in every year observed.", ("district", "year"), None,
    (
        Column("district", "text", "Name of the district", "地区名"),
        Column("year", "int", "Year observed", "年", min=1800, max=2300),
        Column("count", "float", "People or households", "人数・世帯数", min=0),
    ),
)  # fmt: skip


def _by_share(figure: str, meaning: str, ja: str) -> tuple[Column, ...]:
    """The forecast of one figure with everything it follows from."""
    return (
        Column(figure, "int", f"{meaning} in the target year; the sum is the total given", f"{ja}(推計)", min=0),
        Column(f"{figure}_now", "float", f"{meaning} in the last year observed", f"{ja}(現況)", min=0),
        Column(f"{figure}_rule", "text", "How the share was forecast", f"{ja}の推計方法", choices=RULES),
        Column(f"{figure}_r", "float", "Correlation of share and year; missing where the share is constant", f"{ja}構成比の相関係数", min=-1, max=1, null=True),
        Column(f"{figure}_slope_per_yr", "float", "Slope of the least-squares line of share on year", f"{ja}構成比の傾き(1/年)"),
        Column(f"{figure}_share_now", "float", "Share of all districts in the last year observed", f"{ja}構成比(現況)", min=0, max=1),
        Column(f"{figure}_share_unscaled", "float", "Share forecast, before all are scaled to sum to 1", f"{ja}構成比(補正前)", min=0),
        Column(f"{figure}_share", "float", "Share forecast, after scaling", f"{ja}構成比(補正後)", min=0, max=1),
    )  # fmt: skip


_NAME = Column("name", "text", "Name of the district", "地区名", unique=True)

FORECAST = Table(
    "forecast", "地区別人口の推計", "People of every district in a later year, by regression of its share on the year.", ("name",), None,
    (_NAME, *_by_share("people", "People", "人口")),
)  # fmt: skip

FORECAST_WITH_DWELLINGS = Table(
    "forecast_with_dwellings", "地区別人口・世帯数の推計", f"{FORECAST.meaning[:-1]}; and its households likewise.", ("name",), None,
    (*FORECAST.columns, *_by_share("dwellings", "Households", "世帯数")),
)  # fmt: skip
