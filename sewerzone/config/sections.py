"""The sections of a study file, one per stage; every default and its help text live here and nowhere else."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from sewerzone import crs as crs_guard
from sewerzone.config.sources import Sources
from sewerzone.errors import CRSError

Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]


class Section(BaseModel):
    """Base of all sections: frozen, no unknown keys, help texts from the attribute docstrings."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)


class Layer(Section):
    """One vector layer of the user's; ``"file.gpkg:layer"`` is short for ``{path = "file.gpkg", layer = "layer"}``."""

    path: str
    """File, relative to the study file."""
    layer: str | None = None
    """Layer name inside the file; needed when the file holds several."""
    encoding: str = "auto"
    """Text encoding of Shapefile attributes; auto tries .cpg, UTF-8, then CP932."""
    columns: dict[str, str] = {}
    """Our column name = the file's column name, e.g. people = "JINKO"."""

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        head, colon, tail = value.rpartition(":")
        is_layer = bool(colon) and len(head) > 1 and "/" not in tail and "\\" not in tail
        return {"path": head, "layer": tail} if is_layer else {"path": value}

    @property
    def short(self) -> str:
        """The layer as messages name it: ``file.gpkg:layer``."""
        return f"{self.path}:{self.layer}" if self.layer else self.path


class Study(Section):
    """What is studied."""

    name: str = "study"
    """Name of the municipality or area (対象地域), printed on maps."""
    crs: str
    """Metric coordinate reference system of all lengths (平面直角座標系), e.g. EPSG:6678."""
    language: Literal["ja", "en"] = "ja"
    """Language of labels on maps and in layers, and of what commands print (言語)."""

    @field_validator("crs")
    @classmethod
    def _metric(cls, value: str) -> str:
        try:
            crs_guard.metric(value)
        except CRSError as error:
            raise ValueError(str(error)) from error
        return value


class InputsSection(Section):
    """Where the user's files lie; they are read, never written. Files of Japanese agencies may stay as downloaded: a path to
    XML, zip, folder or pattern ("dem/*.zip")."""

    buildings: Layer
    """Building footprints or points (建物)."""
    roads: Layer
    """Road centre lines (道路中心線); as downloaded also FGD road edges (道路縁) or PLATEAU tran areas."""
    terrain: tuple[str, ...] = Field(min_length=1)
    """One or more elevation rasters or FGD DEM deliveries (標高), read as one mosaic; earlier ones win where they overlap."""
    served_areas: Layer | None = None
    """Polygons sewered today (既整備区域等)."""
    districts: Layer | None = None
    """Districts as polygons, or as points that stand for the nearest houses, with people and dwellings (町丁目・行政区)."""
    forecast: str | None = None
    """CSV with name (or code) and people, and maybe dwellings, of every district in the target year, as `sewerzone forecast`
    writes it (将来人口): they take the place of the districts' own."""
    people_history: str | None = None
    """CSV of the people of every district over the years (住民基本台帳), as `sewerzone forecast` reads it: people of every
    district year by year by the trend of its share, with the programme and falling population. Needs coverage.people."""
    projected_people: Layer | None = None
    """Polygons with columns people_2025, people_2030, ... (将来推計人口メッシュ): the houses of each square gain and lose
    people as it does, with the programme and falling population."""
    present_plan: Layer | None = None
    """Polygons that today's plan gives a sewer (現行計画の下水道計画区域), beside the new plan in the outlook; with
    accounts.today_plan = "areas"."""
    barriers: Layer | None = None
    """Rivers, railways, motorways that no house-to-house link may cross (河川・鉄道等)."""
    plants: Layer | None = None
    """Points where sewage may be delivered: plant sites or outlets to a trunk (処理場候補地・流入点)."""
    overrides: Layer | None = None
    """Decisions with a column `kind`: force_sewer, force_johkasou, keep_together (政策判断): polygons, or a table (CSV) with
    `unit_id` or `building_id`. Building numbers last while the buildings do; unit numbers change with most settings."""
    sewers: Layer | None = None
    """Lines of the existing network (既設管渠台帳), for [renewal] and [retreat]: installed_year, diameter_mm, length_m, kind,
    urgency, inspected_year, material, excavation_m, decision, as far as known."""
    sources: Sources = Sources()
    """Source and date of each of these layers (出典・時点), printed on maps, in the report and the workbook; where nothing is
    stated they say so. The date of a file is not that of its data."""

    @model_validator(mode="after")
    def _of_layers(self) -> Self:
        lost = [name for name in self.sources.given() if not getattr(self, name)]
        if lost:
            raise ValueError(
                f"inputs.sources.{lost[0]} without inputs.{lost[0]}: there is no such layer in the study; name its file, or "
                "take the line out"
            )
        return self

    @model_validator(mode="after")
    def _of_districts(self) -> Self:
        if self.forecast is not None and self.districts is None:
            raise ValueError("inputs.forecast without inputs.districts: a forecast is of districts; name their layer")
        if self.people_history is not None and self.districts is None:
            raise ValueError("inputs.people_history without inputs.districts: it is of districts; name their layer")
        if self.people_history is not None and self.projected_people is not None:
            raise ValueError("inputs.people_history and inputs.projected_people: people over the years follow one of them")
        return self

    @field_validator("terrain", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value


class Prepare(Section):
    """Cleaning, people, tanks and flows."""

    dwellings_per_building: Positive = 1.0
    """Dwellings in a residential building where no column says so (戸数)."""
    people_per_dwelling: Positive = 2.2
    """People per dwelling where neither a column nor districts say so (世帯人員; national census 2020: 2.21)."""
    vacant_share: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Share of dwellings that stand empty (空家率), taken off dwellings_per_building; a column of the districts wins, and
    where districts or buildings give dwellings (households), these are lived in."""
    storey_height_m: Positive | None = None
    """Height of a storey (階高), roof included: a building of known height and unknown storeys has as many as fit in it.
    Without it heights are not used: many files carry a default by class for them."""
    spread_people_by: Literal["dwellings", "floor_area"] = "dwellings"
    """How a district's people are spread over its residential buildings; totals are kept exactly."""
    shed_below_m2: NotNegative = 20.0
    """Footprints smaller than this are sheds (物置): kept with a status, without people."""
    shed_uses: tuple[str, ...] = ("shed", "hut", "garage", "garages")
    """Values of the column `use` for sheds and garages (物置・車庫)."""
    non_residential_uses: tuple[str, ...] = (
        "401", "402", "403", "404", "421", "422", "431", "441", "451", "452", "453", "454",
        "commercial", "industrial", "retail", "office", "school", "warehouse", "hospital",
        "greenhouse", "construction", "ruins", "hotel", "university", "public", "church", "temple", "shrine",
    )  # fmt: skip
    """Values of the column `use` that hold no residents (PLATEAU usage codes, OSM building values)."""
    wall_less_uses: tuple[str, ...] = (
        "3003", "3004", "普通無壁舎", "堅ろう無壁舎", "roof", "carport", "canopy",
    )  # fmt: skip
    """Values of the column `use` for roofs without walls (無壁舎), which hold no residents."""
    tank_five_person_up_to_m2: Positive = 130.0
    """Floor area up to which a house takes a 5-person tank, 7-person above (JIS A 3302)."""
    tank_ten_person_from_dwellings: Positive = 2.0
    """Dwellings in one building from which a 10-person tank (two households) is taken (JIS A 3302)."""
    domestic_mean_l_per_person_d: Positive = 300.0
    """Household flow, daily mean (生活汚水量 日平均; basin plan used at Fuji)."""
    domestic_max_l_per_person_d: Positive = 400.0
    """Household flow, daily maximum (日最大)."""
    domestic_hourly_l_per_person_d: Positive = 600.0
    """Household flow, hourly maximum as a daily rate (時間最大)."""
    business_mean_l_per_person_d: NotNegative = 75.0
    """Business flow, daily mean (営業汚水量)."""
    business_max_l_per_person_d: NotNegative = 100.0
    """Business flow, daily maximum."""
    business_hourly_l_per_person_d: NotNegative = 150.0
    """Business flow, hourly maximum as a daily rate."""
    infiltration_l_per_person_d: NotNegative = 100.0
    """Groundwater infiltration (地下水量)."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        for use in ("domestic", "business"):
            mean, top, hour = (getattr(self, f"{use}_{k}_l_per_person_d") for k in ("mean", "max", "hourly"))
            if not mean <= top <= hour:
                raise ValueError(f"{use} flows must rise: mean {mean} <= max {top} <= hourly {hour} l per person and day")
        return self


class Cluster(Section):
    """Study units (検討単位区域): contiguous dwellings."""

    rule: Literal["link", "mean"] = "link"
    """link: each gap between houses is tested; mean: metres per house of a whole neighbourhood (家屋間限界距離の読み方)."""
    limit_distance_m: Positive | Literal["auto"] = "auto"
    """Largest gap between houses of one unit (家屋間限界距離); auto: where a sewer costs as much as a tank by the cost book."""
    served_limit_distance_m: Positive | Literal["auto"] = "auto"
    """The same for houses round served areas (周辺家屋の取り込み)."""
    treatment_basis: Literal["served", "own_plant"] = "served"
    """Whose treatment share enters the automatic limit: the served network's, or an own plant's (fixed point)."""
    representative_dwellings: Positive | None = None
    """Dwellings on which an own plant's share is spread for the limit; none: iterate to a fixed point."""
    most_rounds: Annotated[int, Field(ge=1, le=50)] = 10
    """Rounds of the fixed point between limit distance and unit size."""
    absorb_round_served: bool = True
    """Absorb houses round served areas while metres of sewer per house stay within the served limit (周辺家屋の取り込み)."""
    split_at_districts: bool = False
    """Never let a unit cross a district border (行政区界)."""
    outline_margin_m: Positive = 10.0
    """Margin of unit outlines round their buildings; areas and densities are those of the outlines."""


class Route(Section):
    """Collector trees and links."""

    slope_weights: tuple[NotNegative, ...] = Field(default=(0.0, 5.0, 20.0, 60.0), min_length=1)
    """Metres of length one metre of adverse rise is worth; one candidate tree each, the cheapest designed one wins."""
    free_slope_permille: NotNegative = 3.0
    """Slope a sewer needs anyway: rise is counted above a line falling by this."""
    outlet_candidates: Annotated[int, Field(ge=1, le=20)] = 4
    """Sites tried for an own plant in each unit (lowest, central, ...)."""
    search_rounds: Annotated[int, Field(ge=0, le=1000)] = 20
    """Ways round a pump tried in every network, judged by the designed cost; 0: none."""
    max_link_m: Positive = 5000.0
    """Longest link (接続管渠) tried from a unit to the served network or to another unit."""
    entry_max_excavation_m: Positive = 3.0
    """Excavation at which a new sewer may enter the served network where its invert is unknown."""

    def unsearched(self) -> Route:
        """The same for networks that are grown, but not searched for better ones."""
        return self.model_copy(update={"search_rounds": 0, "outlet_candidates": 1})


class Design(Section):
    """Hydraulics and vertical alignment."""

    manning_n: Annotated[float, Field(ge=0.008, le=0.02)] = 0.010
    """Manning roughness (粗度係数): 0.010 PVC, 0.013 concrete."""
    diameters_mm: Annotated[tuple[Annotated[int, Field(ge=50, le=5000)], ...], Field(min_length=1)] = (
        150, 200, 250, 300, 350, 400, 450, 500, 600, 700, 800, 900, 1000, 1100, 1200, 1350, 1500, 1650, 1800, 2000, 2200,
        2400, 3000,
    )  # fmt: skip
    """Diameters on the market (管径), rising; the first is the least allowed."""
    velocity_min_m_per_s: Positive = 0.6
    """Least velocity; gives each diameter its least slope when full (最小流速)."""
    velocity_max_m_per_s: Positive = 3.0
    """Largest velocity at design flow (最大流速); steeper ground gets drops at manholes."""
    slope_min_permille: NotNegative = 0.0
    """Least slope whatever the diameter (最小勾配)."""
    margin_small: NotNegative = 1.0
    """Spare capacity below 700 mm: 1.0 = pipe can take twice the design flow (余裕率)."""
    margin_medium: NotNegative = 0.75
    """Spare capacity from 700 to 1,650 mm."""
    margin_large: NotNegative = 0.375
    """Spare capacity above 1,650 mm."""
    cover_min_m: Positive = 1.0
    """Least cover over the pipe's crown (最小土被り)."""
    excavation_max_m: Positive = 5.0
    """Deepest trench (最大掘削深); deeper means a pump."""
    pipe_wall_m: NotNegative = 0.01
    """Wall thickness, part of excavation (管厚)."""
    bedding_m: NotNegative = 0.0
    """Bedding below the pipe, part of excavation (基礎厚)."""
    manhole_spacing_m: Positive = 75.0
    """Largest distance between manholes (人孔間隔)."""
    bend_deg: Annotated[float, Field(gt=0, le=180)] = 30.0
    """A turn sharper than this gets a manhole."""
    ground_tolerance_m: Positive = 0.3
    """A manhole is also set where ground departs from a straight line by more than this."""
    drop_manhole_m: Positive = 0.6
    """A drop of this or more makes a drop manhole (副管)."""
    wet_well_m: NotNegative = 1.0
    """Depth of a pump's wet well below the incoming invert, part of its head (ポンプ井)."""
    pressure_velocity_m_per_s: Positive = 1.0
    """Velocity for which rising mains are sized (圧送管流速)."""
    pressure_diameter_min_mm: Annotated[int, Field(ge=25)] = 75
    """Least diameter of a rising main."""
    pressure_hazen_williams_c: Positive = 130.0
    """Hazen-Williams coefficient of rising mains (流速係数), which gives their friction loss at the pumped flow: the hourly
    maximum, or what keeps the least velocity if that is more. 130: plastic pipes."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if list(self.diameters_mm) != sorted(set(self.diameters_mm)):
            raise ValueError(f"diameters_mm must rise without repeats; got {list(self.diameters_mm)}")
        if self.velocity_min_m_per_s >= self.velocity_max_m_per_s:
            raise ValueError("velocity_min_m_per_s must be below velocity_max_m_per_s")
        least = self.cover_min_m + self.diameters_mm[0] / 1000 + 2 * self.pipe_wall_m + self.bedding_m
        if self.excavation_max_m < least:
            raise ValueError(
                f"excavation_max_m = {self.excavation_max_m} m is less than cover_min_m + the least pipe = {least:.2f} m: "
                "no pipe fits"
            )
        return self


class Cost(Section):
    """Prices and how they become yearly amounts."""

    book: str = "fuji_2018"
    """Cost book (単価表): fuji_2018, generic, snip_2015, rust_2021, or a path to your own TOML."""
    fallback: str | None = "generic"
    """Book used for items the first is silent on, "" for none; their mark travels with every cost row."""
    annualisation: Literal["straight_line", "annuity"] = "straight_line"
    """Capital / life (年価, the official way), or annuity at the discount rate."""
    discount_rate: Annotated[float, Field(ge=0, lt=1)] = 0.04
    """Discount rate for the annuity (社会的割引率)."""
    lives: Literal["actual", "statutory"] = "actual"
    """Actual-use lives (the rule of comparison) or statutory ones (耐用年数)."""
    yen_per_currency: Positive | None = None
    """Yen per unit of the book's currency; needed for books not in yen."""
    electricity_yen_per_kwh: NotNegative = 0.0
    """Price of pump energy; 0: the book's, which is none where its pump upkeep contains energy (as at Fuji)."""
    pump_efficiency: Annotated[float, Field(gt=0, le=1)] = 0.5
    """Overall efficiency of pumps (総合効率)."""
    sewer_factor: Positive = 1.0
    """Construction price of sewers, over that of the book (管渠建設単価の倍率); the source of each price says so."""
    johkasou_factor: Positive = 1.0
    """Prices of tanks, construction and upkeep, over those of the book (浄化槽単価の倍率)."""
    treatment_factor: Positive = 1.0
    """Prices of treatment and plants, construction and upkeep, over those of the book (処理費の倍率)."""

    @field_validator("fallback", mode="before")
    @classmethod
    def _none_is_empty(cls, value: Any) -> Any:
        return None if value == "" else value  # TOML has no null


class Compare(Section):
    """Options of a unit: connect, own plant, johkasou."""

    treatment: Literal["marginal", "full"] = "marginal"
    """What a connection pays for treatment: the extra upkeep only (only new investment counts), or its share of a new plant."""
    receiving_flow_m3_per_d: Positive = 20000.0
    """Daily maximum the receiving plant treats today; sets its marginal price."""
    own_plant: bool = True
    """Whether units may have a plant of their own (単独集合処理)."""
    own_plant_min_dwellings: Annotated[int, Field(ge=2)] = 20
    """Smallest group for which an own plant is considered (小規模集合排水処理 starts at 20)."""
    river_site_max_m: NotNegative = 50.0
    """Distance from a river within which a road may be a site for an own plant in the optimum, where no plant is given
    (放流先); 0: only where the units' own networks end."""


class Zone(Section):
    """Who gets a sewer."""

    method: Literal["official", "optimum", "all_sewer", "all_johkasou"] = "official"
    """official: every unit alone, then the connection study (都道府県構想策定マニュアル 2014); optimum: the cheapest of all
    zonings, with a proof of how near it is, beside the official one; the other two are reference plans."""
    resolution: Literal["unit", "dwelling"] = "unit"
    """dwelling: besides, the cheapest zoning house by house, as a reference: what the study units themselves cost, and which of
    their houses would do better otherwise (区域見直し案); needs method = "optimum"."""
    effort: Literal["auto", "once", "thorough"] = "auto"
    """once: joins to large networks are laid only where what joins might pay, and searched near there; the optimum's prices
    settle once. thorough: joins wherever they may be, and the optimum also at dearer and cheaper sewers, until nothing
    saves. auto: thorough up to 500 units. The gap told holds for either."""
    neighbours: Annotated[int, Field(ge=0, le=50)] = 6
    """Nearest units along roads with which joining is tried."""
    most_rounds: Annotated[int, Field(ge=1, le=1000)] = 100
    """Most rounds of the connection study; a study that has not settled by then says so."""
    leave_out_dear_branches: bool = True
    """Houses behind a branch whose own yearly cost exceeds their tanks keep johkasou, even in a sewered unit (枝線の採算)."""
    build_cap_yen_per_yr: Annotated[float, Field(ge=1e6)] | None = None
    """Yearly building budget; collective areas not reached within build_years are compared again (10年概成)."""
    build_years: Annotated[int, Field(ge=1, le=50)] = 10
    """Years within which collective areas must be built."""

    @model_validator(mode="after")
    def _resolved(self) -> Self:
        if self.resolution == "dwelling" and self.method != "optimum":
            raise ValueError(
                f"resolution = 'dwelling' with method = {self.method!r}: house by house the optimum is compared with that by "
                "units; set method = 'optimum', or leave resolution out"
            )
        return self

    @property
    def is_reference(self) -> bool:
        """Whether the plan only shows what one kind of treatment everywhere would mean."""
        return self.method in ("all_sewer", "all_johkasou")
