"""Scores and temperatures that a sentence names: "8/10", "a 2 when im still and an 8 when i smile", "38 y pico"."""

import re

from domain.replies.numbers import LARGEST_SCORE, is_fever

_OF_TEN = re.compile(r"(\d{1,2}(?:\.\d)?)(?:\s*(?:-|to|a|or|o)\s*(\d{1,2}))?\s*(?:/|\bout(?:ta| of)(?: the)?\b|\bof\b|\bde\b|\bsobre\b|\bsur\b|\bvon\b|\bsu\b|\bem\b)\s*10\b(?!\s+(?:days?|nights?|times|people|d[ií]as|noches|veces|personas)\b)")  # fmt: skip  # noqa: E501
_NO_COUNT = (
    r"(?!\d|[.,:/]\d|%|\s*(?:day|week|hour|month|min|year|session|treat|time|star|am\b|pm\b|d[ií]a|semana|hora|mes"
    r"|vece|estrella|di\b|of\b|out\b|para\b))"
)
"""What may not follow a score: it would count something else."""
_PAIN_IS = re.compile(
    r"\b(?:pains?|dolor|douleur|dor|schmerz\w*|dolore|discomforts?|hurts?|ouch|molestia|duele\w*|burn\w*|sting\w*|sore\w*|ache\w*|doi|arde)\b"
    r"(?:\s+(?:is|level|at|about|a|an|of|like|around|maybe|probs?|probably|now|score|sits|hovers|stays|solid|id|i|say|what|would|be|might|es|de|en|un|como|nivel|est|ist|anda|ronda|va|por))*"
    r"[\s:=?,]+(?:an?\s+|un\s+)?(\d{1,2}(?:\.5)?)(?:\s*(?:-|to|a|or|o)\s*(\d{1,2}))?(?!\d|[.,:/]\d|%|\s*(?:day|week|hour|month|min|year|yr|a[nñ]o|d[ií]a|semana|hora|mes|jour|tag|am\b|pm\b|x\b|times))"
)
_OF_PAIN = re.compile(
    r"\b(?!(?:(?<=/)|(?<=/ )|(?<=\bof )|(?<=\bde )|(?<=\bsobre ))10\b)"
    r"(\d{1,2})(?:\s*(?:-|to|a|or|o)\s*(\d{1,2}))?\s*(?:de|d|of|in|on)?\s*(?:the|my|el|la)?\s*(?:pain|dolor|molestia|douleur|discomfort|dor\b|dolore)"
)
_ABOUT = re.compile(
    r"\b(?:like|about|around|maybe|say|probably|solid|roughly|como|unos?|tal vez|diria|digamos)\s+(?:an?\s+|un\s+)?"
    r"(\d{1,2})(?:ish)?(?:\s*(?:-|to|or|o|a)\s*(\d{1,2}))?"
    r"\s*(?=$|[,.;!?)]|\b(?:and|but|y|pero|on|for|tbh|maybe|right|now|today|at|id|i)\b)"
)
"""A score in passing: "sore still, like a 5". What is counted (days, times, degrees) does not end there."""
_DEGREES = re.compile(
    r"\b(?:temp\w*|fever|fiebre|calentura|fievre|febre|fieber|febbre|degrees?|grados?|thermometer|termometro|running)\D{0,25}(\d{2,3}(?:[.,]\d)?)"
    r"(?!\s*(?:mins?|minutes?|late|k|km|miles?|sec\w*)\b)"
    r"|(\d{2,3}(?:[.,]\d)?)\s*(?:°|degrees?|grados?|grad|c\b|f\b|celsius|fahrenheit|temp|fever|fiebre"
    r"|de fiebre|de temperatura)"
    r"|(\b(?:3[89]|4[0-2]|10[0-8])[.,]\d)\b"
    r"|\b(?:traigo|tengo|ando con|estoy (?:a|con)|marca|marco|amaneci con|subio a|llego a|jai|ho|tenho|habe)"
    r"\s+(?:un\s+)?(3[89]|4[0-2])\b(?!\s*(?!(?:y|et|e|und)\b)[a-z])"
    r"|\b(?:9[5-9]|10[0-8]|3[5-9])\b[^.!?]{0,20}\b(3[89]|4[0-2]|10[0-8]) (?:today|tonight|now|hoy|ahora|esta manana)\b"
    r"|\b(?:with|running|hit|hitting|sitting at|up to|spiked|spiking)\s+(?:an?\s+)?(10[1-5])\b"
    r"(?!\s*(?!(?:and|but|since|for|all|today|last|this|now|again|right|right now|tonight|im|i)\b)[a-z])"
    r"|\b(?:has|have|had|got) (?:an? )?(10[1-5](?:\.\d)?)(?! and counting)"
    r"(?=\s*(?:$|[,.;!?]|(?:and|but|now|rn|since|again|this|last|tonight|lol)\b))"
    r"|\b(10[1-5]) (?:last (?:night|nite)|tonight|this mornin\w*|yesterday|overnight)\b"
    r"|\b(?:it|thermometer) (?:now |just )?(?:says|reads|shows|said|read|showed) (3[89]|4[0-2]|10[0-8])\b"
    r"(?=\s*(?:$|[,.;!?f]|and\b|now\b|so\b))"
    r"|\b(3[89]|4[0-2]|10[0-8]) in (?:me|my (?:mouth|ear|armpit))\b"
    r"|(?:^|[.!?;\n])\W*(10[1-5]) (?:and|n|with|y|con) (?!counting|sunny|happy)[a-z]"
    r"|(3[89]|4[0-2])(?:[.,]\d)?\s*(?:도|度|độ|градус)"
    r"|\b(3[89]|4[0-2]) ya es\b"
    r"|\b(3[89]|4[0-2])\s+(?:y medi[oa]|y pico|and a half|e mezzo|et demi|e mei[oa]|einhalb)\b"
)
_WEATHER = re.compile(
    r"\b\d{2,3}\s*(?:°|degrees?|grados?)(?:\s*[cf]\b)?\s+(?:(?:celsius|fahrenheit|and sunny|y sol)\s+)?"
    r"(?:out\b|outside|in (?!me\b|my\b|the (?:night|morning|evening|ear))|here\b|at the beach"
    r"|this (?:week|summer|month)|a la sombra|afuera|de calor|en la (?:calle|playa)"
    r"|en (?!la (?:frente|noche|manana|boca|axila)|el (?:oido|termometro)|mi\b))"
    r"|\bits(?: like)? \d{2,3} (?:degrees )?(?:out(?:side)?|in the shade)\b"
)
"""The heat of a place, which is no fever: "101 degrees out here in Tucson"."""
_ROSE_TO = re.compile(
    r"\b(?:(?:was|were|started|era|estaba)(?:\s+(?:a|an|at|like|about|as|un|en|de))*\s+\d{1,2}\b.*\b(?:now|ahora|hoy)"
    r"|(?:went|gone|jumped|down|dropped|fell|bajo|paso)(?:\s+(?:from|de|an?|un))*(?:\s+\d{1,2}\s+(?:to|then|a)\b){1,2})"
    r"(?:[\s,]+(?:its|it|is|id|i|say|at|a|an|about|like|up|to|more|es|un|en|de))*\s+(\d{1,2})"
    r"(?!\d|[.,:/]\d|%|\s*(?:day|week|hour|month|min|year|session|treat|visit|lb|am\b|pm\b|d[ií]a|semana|hora|mes))"
)
"""A score that went from one number to others: "was a 3, now id say 8", "went 4 to 6 to 9"."""
_DAY = (
    r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|yesterday|last night"
    r"|lunes|martes|miercoles|jueves|viernes|sabado|domingo|ayer|anoche)"
)
_TO_DAY = re.compile(
    rf"\b{_DAY}\b.*\b(?:today|tonight|this morning|now|hoy|esta (?:manana|tarde|noche)|ahora)"
    r"(?:[\s,:]+(?:its|it|is|was|id|i|say|call|at|a|an|about|like|up|to|more|es|un|en|de|que|diria|ya|le|pongo|como))*"
    r"\s+(\d{1,2})\s*(?=$|[^\w\s]|\b(?:and|but|y|pero|out|of|de|lol|tho|though|thanks|gracias)\b|emoji|haha|jaja)"
)
"""The last score of a row by days: "Monday 3, yesterday 5, today 8"."""
_BY_TODAY = re.compile(
    r"\b(?:its|is|es)\s+(?:an?|un)\s+(\d{1,2})\s+"
    r"(?:tonight|today|now|at least|minimum|easily|por lo menos|minimo|hoy|ahora"
    r"|(?:this|esta) (?:week|morning|evening|afternoon|semana|noche|tarde|manana))\b"
    rf"{_NO_COUNT}"
)
"""The score of now beside an older one: "it was a 2 last week and it's a 4 this week"."""
_ROSE_FROM = re.compile(
    r"\b(\d{1,2})(?:\s*/\s*10)?[\s,]+(?:(?:up|down) from|it was|was|era|ayer era|antes era)\s+"
    r"(?:(?:at|an?|un)\s+)*\d{1,2}\b"
    r"(?!\s*(?:days?|weeks?|hours?|months?|years?|min|am|pm|d[ií]as?|semanas?|horas?))"
)
"""A score with the one before: "7/10, was a 4 yest"."""
_BY_DAY = re.compile(rf"\b\d{{1,2}} {_DAY}[\s,]+(?:(?:and|y|an?|un)\s+)*(\d{{1,2}}) (?:today|tonight|now|hoy|ahora)\b")
"""The same with the days behind: "seven yesterday, eight today"."""
_NOW_IS = re.compile(
    r"\b(?:today|tonight|now|hoy|ahora|ahorita|ahora mismo)[\s,:]+"
    r"(?:(?:its|id say|about|like|es|como|diria|le doy|le pongo)\s+)*(?:an?|un)\s+(\d{1,2})\b"
    r"(?!\d|[.,:/]\d|%|\s*(?:day|week|hour|month|min|year|am\b|pm\b|d[ií]a|semana|hora|mes|de [a-z]))"
)
"""The score of now: "hoy un 5, ayer era un 2"."""
_SCALE = re.compile(
    r"\b(?:del|de|from|on a|scale of|escala de)?\s*(?:0|1|cero|uno|zero|one)\s*(?:-|to|al?|through)\s*(?:10|diez|ten)\b"
    r"(?:\s+scale)?[\s,]*|\bon a scale of 10\b"
    r"|\b10\s*(?:/|de|out of)\s*10\s+(?:(?:for|el|la|the|your|su)\s+)*"
    r"(?:servicio|trato|atencion|service|staff|team|care|experience)\b"
)
"""The scale itself, which is no score: "from 0 to 10"; nor is praise: "10 de 10 el servicio"."""
_MOSTLY = re.compile(
    r"\b(?:(?:on|at|in) (?:a |the |its |my )?(?:bad|good|worst|best)(?: days?| moments?)?"
    r"|(?:some|most|many|other) (?:days|nights|times|evenings|mornings)"
    r"|(?:algunos|otros|ciertos|unos) dias|hay dias (?:que|de|en que)"
    r"|(?:casi todos|la mayoria de) los dias|los dias malos|en (?:un|mi) (?:mal|peor) (?:dia|momento)"
    r"|tops|at most|max(?:imum)?|at least|easily|(?:como|cuando) mucho|como maximo|por lo menos|minimo|facil)\b"
)
"""When or how surely a score holds, which does not change it: "a 4 most days", "easily 9"."""
_SURELY = re.compile(
    r"\b(?:easily|easy|at least|solid|closer to|nearer|more like|more of|facil|minimo|por lo menos|casi|mas bien)\s+"
    r"(?:an?\s+|un\s+)?(\d{1,2})\b(?=\s*(?:$|[,.;!?)]|(?:and|but|y|pero|maybe|on|if|right|now|most|every)\b))"
)
"""A score that is insisted on: "easily a 9, maybe more"."""
_IT_IS = re.compile(
    r"(?:^|[.!?;\n]\s*|\b(?:but|pero) )(?:but |and |so |pero |y )?"
    r"(?:(?:come|by|at|in the|every|de|por la|en la) (?:night|evening|bedtime|morning|noche|tarde|manana)s?[\s,]+)?"
    r"(?:(?:yo )?(?:its|it is|id say|i say|id give it|(?:id|i would|i should|i) call it"
    r"|e|es|cest|das ist|le doy|le pongo|diria(?: que)?|como)\s+){1,2}"
    rf"(?:(?:about|around|like|roughly|nearly|como|casi)\s+)?(?:a|an|un|um|une|eine?)\s+(\d{{1,2}})\b{_NO_COUNT}(?!\s*de\b)"
)
"""A score that opens a sentence: "it's a 9, and I have had three children"."""
_GIVEN = re.compile(
    r"\b(?:ando (?:en|por)(?: el)?|(?:le|te|lo) (?:pongo|pondria|doy|daria|diria)|me pongo(?= un)|ponle|ponele"
    r"|ponganle|pongale"
    r"|(?:yo )?(?:diria|digamos|digo)(?: q(?:ue)?)?"
    r"|(?:id |i would |ill |im |i )?(?:giv(?:e|ing)|rat(?:e|ing)|call(?:ing)?|score|book|put(?:ting)?)"
    r"(?: it| that)?(?: down)?(?: as| at)?"
    r"|(?:id|i|i would|ill|lets) say|steady|sincer[ao] es|(?:if )?im being honest its)\s+"
    rf"(?:(?:about|like|como|tipo|un|una|an?|de|strong|solid|good|weak)\s+){{0,3}}(\d{{1,2}})(?:\s*(?:-|to|or|o|a)\s*(\d{{1,2}}))?\b{_NO_COUNT}"
)
"""A score that is given: "le pongo un 2, ya casi", "i'd give it a 4"."""
_CLIMBED_TO = re.compile(
    r"\b(?:bumped|crept|climbed|shot|jumped) (?:up )?to (?:an?\s+)?(\d{1,2})"
    r"(?= (?:today|now|tonight|this|since|by|out|of)\b)"
)
"""A score that rose: "bumped to 7 today, was 4 yesterday"."""
_IS_IT_MUCH = re.compile(
    r"\b(?:is|es)\s+(?:an?\s+|un\s+)?(\d{1,2})\s+(?:a lot|much|high|bad|too|normal|mucho|alto|demasiado)\b"
)
"""A score that is asked about: "is 7 a lot?"."""
_THE_MOMENT = re.compile(
    r"\b(?:its|it is|then|es) an? (\d{1,2}) (?:the (?:second|moment|minute)|as soon as|once) (?:i|it|any|some|you)"
)
"""A score at a touch: "a 3 sitting still but it's a 9 the second anything touches it"."""
_I_SAY = re.compile(
    r"\b(\d|10) ?(?:-|to|or|o|a) ?(\d|10),? (?:id say|i say|i reckon|i guess|id guess|(?:yo )?diria|yo digo)\b"
)
"""A range that somebody gives: "keeps me up, 7 to 8 id say"."""
_GOING_ON = re.compile(r"\b(?:10|\d) (?:going on|knocking on|pushing|tirando a) (\d{1,2})\b" + _NO_COUNT)
"""A score on its way: "7 going on 8"."""
_RISING = re.compile(
    r"(?:^|[.!?;,\n]\s*)(?:(?:its |im )?(?:at )?an?\s+|un\s+|es un\s+)?(\d{1,2})"
    r"(?:\s*(?:/|out(?:ta| of)|of|de)\s*10)?\s*,?\s*(?:and|n|y|&)\s+"
    r"(?:rising|climbing?|going up|growing|counting|getting worse|subiendo|sube|aumentando|en aumento|creciendo)\b"
)
"""A score that goes up: "7 y subiendo"."""
_LEAD = (
    r"^\W*(?:(?:honestly|honest|probs?|probably|maybe|say|about|like|tbh|eh|idk|solid|just|only"
    r"|not gonna lie|ngl|its|it is|somewhere|around|roughly|feels|an?|un|como|quizas?)\s+)*"
)
"""What may stand before a score that opens the text."""
_OPENING = re.compile(_LEAD + _OF_TEN.pattern)
"""A score of ten that opens the text and so answers us: "1 out of 10 at most, when I rub it"."""
_OF_TEN_AT = re.compile(
    _OF_TEN.pattern + r"(?=\s+(?:at (?:night|times)|in the (?:morning|evening|afternoon|night)|by (?:bed|evening)"
    r"|when|if|after|since|de noche|por la|cuando|si|desde)\b)"
)
"""A score of ten with its hour or its reason, which is no praise: "an 8 out of 10 at night"."""
_ANSWERS = re.compile(
    _LEAD + r"(\d{1,2})(?:\s*(?:-|to|or|o|a|,?\s*(?:maybe|perhaps|quizas?)(?: an?| un)?)\s*(\d{1,2}))?"
    r"(?=\s*[,;.!]\s*[a-z]"
    r"|\s+(?:maybe|but|cos|when|if|tops|unless|in the|at night|at rest|by bed"
    r"|(?:right )?now|today|tonight|rn|atm|most|sometimes|or so"
    r"|on an? (?:good|bad|quiet|busy)|en un (?:buen|mal)"
    r"|i (?:reckon|think|guess|suppose|say)|id say|depends|hoy|ahora|creo|diria|supongo"
    r"|depending|pero|cuando|si|segun|de noche|por la)\b)"
)
"""A score that opens the text before it goes on in words: "1, maybe 2 if im being a baby"."""
_RANGE = re.compile(
    r"^\W*(?:(?:honestly|honest|probs?|probably|maybe|say|id say|about|like|tbh|eh|idk"
    r"|between|from|de|entre|como|un|unos|an?)\s+)*"
    r"(\d{1,2})\s*(?:-|–|to|or|o|a|y|and)\s*(?:an?\s+|un\s+)?(\d{1,2})\b"
    rf"{_NO_COUNT}"
    r"(?!\s+(?:\w+\s+){0,2}(?:spots?|dots?|marks?|bumps?|lumps?|pimples?|zits?|patch(?:es)?|blisters?|flakes?"
    r"|scabs?|places"
    r"|people|kids|works?|suits?|oclock|granos?|granitos?|manchas?|manchitas|ampollas?|bolitas?|puntos?"
    r"|puntitos?|me va)\b)"
)
"""A range that opens the text and counts nothing: "6-7 most of the day", "7 or 8 i reckon"."""
UNPRAISING = 6
"""Above it a score of ten that opens a text may be praise: "9/10 so far"."""
_AS_I_SAY = re.compile(
    r"(?:^|[.!?;:\n]\s*)(?:(?:maybe|probably|perhaps|quizas?|tal vez|pos|pues|digamos)\s+)?"
    r"(?:an?|un)\s+(?:solid\s+)?(\d{1,2})"
    r"(?:\s*(?:[,;!]|$)|\s+(?:id say|i guess|i think|i suppose|most|mostly|being"
    r"|mas o menos|casi siempre|(?:yo )?diria|creo|supongo|siendo)\b)"
)
"""A score with its hedge or its story after it: "a 5 i'd say", "un 8, ya tomé ibuprofeno"."""
_IF_PRESSED = re.compile(
    r"(?:^|[,;]\s*|(?<!\d)\.\s*|\.\s+)(?:an?\s+|un\s+)?(\d{1,2}(?:\.5)?)\s+"
    r"(?:if (?:im|youre|i|you) (?:honest|being|making|had|have|must)|si (?:soy|me))\b"
)
"""A score that is owned up to: "nine if you're making me pick"."""
_ISH = re.compile(
    r"(?:^|[!?;\n]\s*|(?<!\d)\.\s*|\.\s+)(\d(?:\.5)?)ish\s*(?:$|[,;.!]|(?:today|now|rn|atm|tonight|when|if|at|on|and|but|hoy|ahora)\b)"
)
"""A score at a guess: "5ish, six on a bad day"."""
_BETWEEN = re.compile(
    r"\b(?:between|entre)\s+(?:an?\s+|un\s+)?(\d{1,2}|nothing|none|nada)\s+(?:and|y)\s+(?:an?\s+|un\s+)?(\d{1,2})\b"
    r"(?!\d|[.,:/]\d|%|\s*(?:day|week|hour|month|min|year|time|spot|am\b|pm\b|d[ií]a|semana|hora|mes|vece"
    r"|de (?!incomodidad|molestia|dolor|ardor)[a-z]"
    r"|works?\b|for\b|oclock|me (?:queda|viene|va)|por la|para))"
)
"""A score that lies between two: "entre un 4 y un 5 al tacto"."""
_SOMETIMES = re.compile(
    r"^(\d{1,2})\s*,\s*(?:sometimes|some days|a veces|a ratos)\b"
    r"|^.*\b\d{1,2}\s*,?\s*(?:but |and |pero |y )?(?:sometimes|at times|a veces|a ratos)"
    rf"\s+(?:an? |un |hasta )?(\d{{1,2}})\b{_NO_COUNT}"
)
"""A score that opens the text and varies: "6, sometimes a little less", "it's a 3, sometimes 5"."""
_BY_NOW = re.compile(
    r"\b(\d{1,2}(?:\.5)?)\s+(?:by|as of)\s+(?:tonight|today|now|dinner|lunch|bedtime|evening"
    r"|this (?:morning|evening|afternoon))\b"
)
"""The last score of a row: "2 last week, 5 on Tuesday, 7 by tonight"."""
_DAYS = re.compile(
    r"(?:\b(?:sun|mon|tue|wed|thu|fri|sat)\w* \d{1,2}\b[\s,]*)+\b(?:sun|mon|tue|wed|thu|fri|sat)\w* (\d{1,2})\b"
)
"""Scores by days: "Sun 1 Mon 3 Tue 6"."""
_UP_TO = re.compile(rf"\b(?:up|gone|went|climbed|jumped|shot) to an?\s+(\d{{1,2}})\b{_NO_COUNT}")
"""A score that was reached: "started at zero, up to a seven today"."""
_JUST = re.compile(
    rf"\b(?:just|only|solo|apenas)\s+(?:an?|un)\s+(\d{{1,2}})\b{_NO_COUNT}"
    r"(?=\s*(?:$|[,.;!?]|lol|haha|jaja|tho|maybe|now|i guess))"
    r"|\bun (\d{1,2}) (?:nomas|nada mas|apenas)\b"
)
"""A score made little of: "just a 6 lol", "un 7 nomás"."""
_MOVING = (
    r"(?:al\s+|(?:when|if|while|unless|whenever|every time|cuando|si)\s+(?:\w+\s+){0,5}?)"
    r"(?:smil|touch|brush|mov|chew|press|talk|eat|laugh|yawn|wash|lie|lay|sleep|rub|still|rest|turn|open"
    r"|sonri|toc|roz|muev|mastic|habl|com[oe]|ri[oe]|bostez|lav|acuest|acost|duerm|frot|presion|apriet|quiet|abr|gir|volte)\w*"
)
_BY_MOVEMENT = re.compile(rf"(?<!at )(?<!by )(?<!of )(?<!de )(?<![/.,])\b(\d{{1,2}})\s+{_MOVING}")
_AT_MOVEMENT = re.compile(
    rf"\b{_MOVING}[\s,:]+(?:(?:its|it|and|then|is|y|es)\s+)*(?:an?|un)\s+(\d{{1,2}})\b"
    r"(?!\d|[.,:/]\d|%|\s*(?:day|week|hour|month|min|time|am\b|pm\b|d[ií]a|semana|hora|mes|vece))"
)
"""A score for a movement: "a 2 when im still and an 8 when i smile", "si mastico un 8"."""
_NO_ACHE = re.compile(
    r"\b(?:no|zero|zip|nil|without|sin|cero|nada de)\s+(?:more\s+)?(?:pain|discomfort|dolor|molestias?)(?! relief)"
)
_ACHES = re.compile(
    r"crying|llor|slept|sleep|worse|worst|unbear|relief|pills?\b|tylenol|ibuprofen|paracetamol|dorm|peor|insoport"
    r"|pain|hurt|ache|sore|burn|sting|discomfort|agony|ouch|dol[oe]|duel|ard[eio]|molest|doul|mal\b|dor\b|doi|schmerz|weh|tender|sensib|brenn|bruci|throb|poch|puls|punz|lat[ei]"
)
_OF_LIST = re.compile(r"\b(?:of (?:the|these|those|your)|de (?:las|los|esas|esos))\s+\d\b")
"""The length of our own list."""
_ANYWHERE = (
    _PAIN_IS,
    _OF_PAIN,
    _OF_TEN_AT,
    _ROSE_TO,
    _CLIMBED_TO,
    _TO_DAY,
    _BY_DAY,
    _ROSE_FROM,
    _NOW_IS,
    _BY_TODAY,
    _SURELY,
    _IT_IS,
    _AS_I_SAY,
    _IF_PRESSED,
    _ISH,
    _GIVEN,
    _IS_IT_MUCH,
    _THE_MOMENT,
    _RISING,
    _GOING_ON,
    _I_SAY,
    _BETWEEN,
    _SOMETIMES,
    _BY_NOW,
    _DAYS,
    _JUST,
    _UP_TO,
    _RANGE,
    _BY_MOVEMENT,
    _AT_MOVEMENT,
)
"""What names a score whether or not the text speaks of pain."""
_SPELLED = {
    word: str(value)
    for words in (
        "two three four five six seven eight nine ten",
        "dos tres cuatro cinco seis siete ocho nueve diez",
    )
    for value, word in enumerate(words.split(), start=2)
}
"""Scores in words; "one" and "uno" mean too much else."""
_IN_WORDS = re.compile(rf"\b(?:{'|'.join(_SPELLED)})\b")
_OF_TEN_AHEAD = r"(?=\s*/\s*10\b|\s+(?:outta|out of|of|de|sobre)\s+10\b)"
_NIL = re.compile(rf"\b(?:zero|nil|nought|naught|cero){_OF_TEN_AHEAD}")
"""No points of ten: "nil out of ten"."""
_ONE = re.compile(rf"\b(?:one|uno){_OF_TEN_AHEAD}")
_LEFT_OVER = re.compile(r"\b(?:outta|out of|sobre)\s+10\b")
"""The ten of a score whose points stand elsewhere: "zero pain out of ten"."""
_BEYOND = re.compile(
    r"(?:\b(?:outta|out of|sobre) 10\b|\b[01]\s*(?:-|to|al?)\s*10\b)"
    r"(?:\W+(?!good|happ|lov|great|glow|gorg|perf|bien|feli|guap|cont)\w+){0,6}?\W+"
    r"(1[1-9]|[2-9]\d|\d{3,}|eleven|twelve|thirteen|fourteen|fifteen|twenty|fifty|hundred|thousand|million"
    r"|quince|veinte|cincuenta|cien|mil)\b"
    r"(?=\s*(?:$|[,.;!?)]|emoji|lol|haha|jaja|easy|facil|today|hoy|now|rn|and|y|cant))"
)
"""A score beyond the scale: "on a scale of 1 to 10? a fourteen"."""
_ROUGHLY = re.compile(r"\b(\d{1,2}) ?ish\b")
_HALF = re.compile(r"\b(\d{1,2})(?: (?:and a half|y medio|y media)|,5)\b")


def aches(folded: str) -> bool:
    """Does the text speak of pain, or of what pain makes one do, and not only deny it?"""
    return bool(_ACHES.search(_NO_ACHE.sub(" ", folded)))


def score_in(folded: str) -> tuple[float, str] | None:
    """The worst discomfort score that a sentence names ("8/10", "pain is 6-7")."""
    folded = _SCALE.sub(" ", _digits(folded)).strip()
    opening = _OPENING.search(folded)
    patterns = list(_ANYWHERE)
    if aches(folded):
        patterns += (_OF_TEN, _ABOUT)
    elif opening and _worst(opening) <= UNPRAISING:
        patterns.append(_OPENING)
    found = [match for pattern in patterns for match in pattern.finditer(folded)]
    scored = [(_worst(match), match.group()) for match in found]
    fitting = [(min(value, LARGEST_SCORE), words) for value, words in scored if value <= 20]
    return max(fitting, default=None)


def beyond_scale(folded: str) -> str:
    """The words that name a score of more than ten, empty without one; "11/100" names another scale."""
    found = _BEYOND.search(_digits(folded))
    return found.group().strip() if found else ""


def is_scale(text: str) -> bool:
    """Is it only the scale that is named: "from 1 to 10", "out of ten?"?"""
    return any(scale.fullmatch(_digits(text.strip())) for scale in (_SCALE, _LEFT_OVER))


def _worst(match: re.Match[str]) -> float:
    return max(float(group) for group in match.groups() if group and group[0].isdigit())


def opening_score(folded: str) -> tuple[float, str] | None:
    """The score with which an answer to no open question begins ("1 o 2, según el viento")."""
    found = _ANSWERS.search(_digits(folded))
    return (_worst(found), found.group().strip()) if found and _worst(found) <= LARGEST_SCORE else None


def opening_of_ten(folded: str) -> tuple[float, str] | None:
    """The score of ten with which a text opens ("9/10 rn")."""
    found = _OPENING.search(_SCALE.sub(" ", _digits(folded)))
    return (min(_worst(found), LARGEST_SCORE), found.group().strip()) if found else None


def fever_in(folded: str) -> str:
    """The words that name a fever's temperature, empty without one."""
    for match in _DEGREES.finditer(_WEATHER.sub(" ", folded)):
        value = next(group for group in match.groups() if group)
        if is_fever(float(value.replace(",", "."))):
            return match.group()
    return ""


def of_ten_as_plain(folded: str) -> str:
    """'6 out of 10' as '6', 'nil out of ten' as '0', 'none of the 6' as 'none'; more than ten is ten: '11/10'."""
    scored = _OF_TEN.sub(lambda found: f" {_capped(found):g} ", _SCALE.sub(" ", _digits(folded)))
    scored = _LEFT_OVER.sub(" ", scored)
    return _MOSTLY.sub(" ", _OF_LIST.sub(" ", _ROUGHLY.sub(r"\1", scored)))


def without_praise(folded: str) -> str:
    """Without scores of ten that are so high that they may be praise: "9/10 so far"."""
    return _OF_TEN.sub(lambda found: " " if _worst(found) > UNPRAISING else found.group(), _digits(folded))


def _digits(folded: str) -> str:
    counted = _IN_WORDS.sub(lambda found: _SPELLED[found.group()], folded)
    return _HALF.sub(r"\1.5", _ONE.sub("1", _NIL.sub("0", counted)))


def _capped(found: re.Match[str]) -> float:
    return min(_worst(found), LARGEST_SCORE)
