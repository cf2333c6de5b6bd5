"""What the filters of other lists than that of projects mean, each with an example."""

OF_OTHER_LISTS = {
    "progress": {
        "park": ("of these parks, in which one has a role", "park=baodi-zgc"),
        "project": ("of one of these projects", "project=boyu-semi"),
        "noted_from": ("noted then or later", "noted_from=2024-03-04"),
        "noted_to": ("noted then or earlier", "noted_to=2024-03-10"),
        "due_from": ("the next step is due then or later", "due_from=2024-04"),
        "due_to": ("the next step is due then or earlier", "due_to=2024-04"),
    },
    "plans": {
        "park": ("of these parks, in which one has a role", "park=baodi-zgc"),
        "project": ("of one of these projects", "project=boyu-semi"),
        "year": ("of this year", "year=2026"),
    },
    "targets": {
        "year": ("of this year", "year=2026"),
        "park": ("of one of these parks", "park=baodi-zgc"),
        "region": ("of this region, or of one below it", "region=天津"),
        "measure": ("what is to be reached", "measure=signed_count"),
        "publication": ("published, or what only the park's roles see", "publication=draft"),
        "source": ("known from one of these sources", "source=SEED"),
    },
    "events": {
        "kind": ("what kind of event it was", "kind=signing"),
        "park": ("of one of these parks", "park=caofeidian"),
        "region": ("held in this region, everything below it included", "region=河北省"),
        "held_from": ("held in or after", "held_from=2023"),
        "held_to": ("held in or before", "held_to=2023-11"),
        "source": ("known from one of these sources", "source=SEED"),
    },
    "figures": {
        "subject_type": ("about a subject of this kind", "subject_type=event"),
        "project": ("about one of these projects", "project=unknown"),
        "event": ("declared at one of these events", "event=unknown"),
        "park": ("about one of these parks", "park=baodi-zgc"),
        "region": ("about this region, or one below it", "region=天津"),
        "region_group": ("about one of these groups", "region_group=jjj"),
        "organisation": ("about one of these organisations", "organisation=sinopec"),
        "indicator": ("of one of these indicators", "indicator=invested"),
        "nature": ("actual, projected ...", "nature=actual"),
        "qualifier": ("qualified in this way", "qualifier=over,at_least"),
        "as_of_min": ("stood in or after", "as_of_min=2023"),
        "as_of_max": ("stood in or before", "as_of_max=2024-03-31"),
        "origin": ("said of what comes from there", "origin=110000"),
        "sector": ("said of this industry", "sector=C39"),
        "place": ("said of what lies there", "place=120115"),
        "is_narrowed": (
            "`false`: said of the whole subject; `true`: of a part of it",
            "is_narrowed=false",
        ),
        "said_by": (
            "said by one of these people, or from one of these posts",
            "said_by=unknown",
        ),
        "attribution": ("how the source says it", "attribution=quotation"),
        "source": ("from one of these sources", "source=SEED"),
        "superseded": ("another claim took its place, or it is withdrawn", "superseded=false"),
        "latest": (
            "so many of the newest claims about the same thing; the other filters come first",
            "latest=1",
        ),
        "q": (
            "every one of these words stands in the code, the words of the claim or its indicator",
            "q=面积",
        ),
    },
    "parks/compare": {
        "parks": ("the parks to compare, two or more; required", "parks=baodi-zgc,caofeidian"),
        "indicators": ("only these indicators", "parks=baodi-zgc,caofeidian&indicators=area"),
        "as_of_max": (
            "only figures that stood in or before",
            "parks=baodi-zgc,caofeidian&as_of_max=2024",
        ),
    },
    "timeline": {
        "park": ("about one of these parks", "park=baodi-zgc"),
        "region": ("about this region, or one below it", "region=天津"),
        "region_group": (
            "about one of these groups, or what lies in it today",
            "region_group=jjj",
        ),
        "organisation": ("about one of these organisations", "organisation=unknown"),
        "kind": ("agreement, policy, approval ...", "kind=agreement"),
        "nature": ("actual, intended ...", "nature=actual"),
        "happened_from": ("happened in or after", "happened_from=2013"),
        "happened_to": ("happened in or before", "happened_to=2017-09"),
        "source": ("from one of these sources", "source=SEED"),
    },
    "indicators": {
        "kind": ("what it counts", "kind=money"),
        "is_summable": ("may be added up over subjects", "is_summable=true"),
    },
    "parks": {
        "kind": ("what kind of park it is", "kind=science_town"),
        "brand": ("of one of these brands, as they are written", "brand=zhongguancun"),
        "operator": ("run by one of these organisations", "operator=tianjin-jjzgc"),
        "is_placeholder": (
            "`false` leaves out districts that stand in where no park is named",
            "is_placeholder=false",
        ),
        "source": ("known from one of these sources", "source=unknown"),
    },
    "people": {
        "source": (
            "known from one of these sources, by a post too, or by what they say there",
            "source=SEED",
        ),
    },
    "organisations": {
        "q": ("all these words stand in the code, a name or the credit code; best first", "q=联想"),
        "region": ("registered in this region, everything below it included", "region=北京"),
        "parent": ("belongs to one of these organisations", "parent=unknown"),
        "source": ("known from one of these sources", "source=SEED"),
    },
    "sources": {
        "q": ("every one of these words stands in the code, title or publisher", "q=宝坻"),
        "kind": ("who published it", "kind=official"),
        "published_from": ("published in or after", "published_from=2023"),
        "published_to": ("published in or before", "published_to=2024-03"),
    },
    "regions": {
        "level": ("at one of these levels", "level=prefecture"),
        "within": ("the region itself and everything below it", "within=浙江"),
    },
    "sectors": {
        "level": ("at one of these levels", "level=division"),
        "within": ("the sector itself and everything below it", "within=C39"),
        "hitech": ("a high-tech industry or not", "hitech=yes"),
    },
}
