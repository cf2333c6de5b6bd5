"""What the words of vocabularies mean whose label alone does not say enough."""

WORDS = {
    "stage": {
        "lead": "somebody showed interest",
        "negotiating": "talks go on",
        "intended": "a letter of intent or framework agreement is signed: no contract yet",
        "signed": "a contract is signed; also where a source says 签约 and no more",
        "registered": "the company for the project is registered",
        "approved": "the authorities have approved or filed the project",
        "started": "construction has started",
        "completed": "construction is complete",
        "operating": "the project is in operation",
        "full_capacity": "the project operates at full capacity",
    },
    "standing": {
        "active": "nothing is known against it",
        "suspended": "stands still, may go on",
        "terminated": "given up",
        "merged": "became part of another project",
        "closed": "ended after it had operated",
    },
    "agreement type": {
        "unknown": "the source says “signed” and no more; filters find it as `unknown`",
        "intent": "意向书",
        "framework": "框架协议",
        "contract": "合同, 投资协议",
    },
    "basis of an investment": {
        "agreed": "first choice for the headline amount",
        "planned": "second choice",
        "intended": "third choice",
        "reported": "last choice: the source gives a total and not what it rests on",
    },
    "how the day is known": {
        "printed": "the source prints the day with the value",
        "period": "it ends the period that the value is of",
        "publication": "nothing but the day of publication is known",
    },
    "nature of a figure": {
        "actual": "was so at that date",
        "intended": "parties say that they want it, and have not agreed on it",
        "projected": "expected to come",
        "target": "set as an aim by a plan or an office",
        "at_capacity": "expected once everything works at full capacity",
        "interest": "somebody looks at it, no more",
        "recommended": "somebody advises it",
    },
    "qualifier": {
        "exact": "no qualifier in the source",
        "over": "超, 逾, 余",
        "at_least": "不低于, 以上",
        "about": "约, 左右",
        "nearly": "近, 接近",
        "at_most": "不超过, 以内",
        "under": "低于, 不到",
    },
    "publication": {
        "draft": "the members of its park only",
        "published": "everybody (a project: if its park is published, too)",
        "withdrawn": "the members of its park only",
    },
    "role in a park": {
        "editor": "sees its drafts, and changes it and all that belongs to it",
        "viewer": "sees its drafts",
    },
    "basis of origin": {
        "stated": "the source says where the project or its company comes from",
        "name": "the company's printed name begins with a place",
    },
    "basis of sector": {
        "stated": "the source names the product or industry, and the code is its plain match",
        "mapped": "our reading of the project's name",
    },
    "high-tech industry": {
        "yes": "every class of the code is in the list of 2017",
        "no": "no class of it is; only section C is decided, all other sections are unknown",
    },
    "reason to be left out of totals": {
        "umbrella": "its amount is that of other projects",
        "duplicate": "another row is the same project",
        "merged": "became part of another project",
        "part": "is a part of a project that counts itself",
        "no_contract": "has not reached a contract",
    },
    "kind of funding": {
        "paid_in": "到位资金",
        "completed": "完成投资",
        "foreign": "实际利用外资",
    },
    "milestone status": {
        "scheduled": "planned; says nothing about the stage",
        "met": "reached, also where the date is unknown",
        "revoked": "no longer holds; the reason is given",
    },
    "role at an event": {
        "signed": "said by a sheet, by whoever enters it, or a milestone of the event or its day",
        "started": "follows from an event of the kind `start`",
        "opened": "follows from an event of the kind `opening`",
        "presented": "shown to visitors; signs nothing",
        "attended": "took part; what else it did there is not said",
    },
}
