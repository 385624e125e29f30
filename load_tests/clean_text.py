"""Sentences in twelve languages in which nothing is disguised, made of parts, the same at every call.

They hold what disguises are made of, as ordinary people write it: numbers, prices, times, initials, hyphens,
apostrophes, ellipses, accents, capitals, names in another script.
"""

import random
from itertools import product
from typing import Final

_PARTS: Final = {
    "en": (
        "On Sunday|At 7:45 a.m.|In 2019|After 3 o'clock|Well...|Since the 1990s",
        "my co-worker|Dr. A. B. Stone|the well-known baker|our neighbour's son|nobody at no. 14|Zoë",
        "paid $35 for two tickets|couldn't find the e-mail|ran 10 km in 52 minutes|sold the 4x4|re-read chapter 8",
        "and went home!|without a word.|for the 3rd time, honestly.|, as they'd promised.|(50 % off).|- just because.",
    ),
    "de": (
        "Am Sonntag|Um 7.45 Uhr|Im Jahr 2019|Nach der Prüfung|Seit den 90er-Jahren|Tja …",
        "mein Kollege|Dr. A. B. Stein|die U-Bahn-Fahrerin|unser Nachbar|niemand aus Nr. 14|Jürgens Tochter",
        "zahlte 35 € für zwei Karten|fand die E-Mail nicht|lief 10 km in 52 Minuten|würde gern kommen|las Kapitel 8",
        "und fuhr nach Hause!|ohne ein Wort.|zum 3. Mal, ehrlich.|, wie versprochen.|(50 % Rabatt).|– einfach so.",
    ),
    "fr": (
        "Dimanche|À 7 h 45|En 2019|Après l'école|Depuis les années 90|Bref...",
        "mon collègue|le Dr A. B. Pierre|la boulangère|le fils d'à côté|personne au n° 14|Zoé",
        "a payé 35 € pour deux places|n'a pas trouvé l'e-mail|a couru 10 km en 52 min|s'est tu|relit le chapitre 8",
        "et rentra chez lui !|sans un mot.|pour la 3e fois, vraiment.|, comme promis.|(-50 %).|c'est-à-dire jamais.",
    ),
    "es": (
        "El domingo|A las 7:45|En 2019|Después de las 3|Desde los años 90|Bueno...",
        "mi compañero|el Dr. A. B. Peña|la panadera|el hijo del vecino|nadie del n.º 14|Íñigo",
        "pagó 35 € por dos entradas|no encontró el correo|corrió 10 km en 52 min|calló|leyó el capítulo 8",
        "y se fue a casa.|sin decir nada.|por 3.ª vez, de verdad.|, como prometió.|(50 % menos).|… ¡por fin!",
    ),
    "ru": (
        "В воскресенье|В 7:45|В 2019 году|После 3 часов|С 90-х годов|Ну...",
        "мой коллега|д-р А. Б. Каменев|соседский сын|никто из дома 14|Пётр с YouTube|кто-то",
        "заплатил 350 ₽ за билет|не нашёл письмо|пробежал 10 км за 52 минуты|купил iPhone|прочёл главу 8",
        "и уехал домой!|без слов.|в 3-й раз, честно.|, как обещал.|(скидка 50 %).|– просто так.",
    ),
    "tr": (
        "Pazar günü|Saat 7.45'te|2019'da|Okuldan sonra|90'lardan beri|Şey...",
        "iş arkadaşım|Dr. A. B. Taş|İstanbul'daki fırıncı|komşunun oğlu|14 numaradan kimse|Işıl",
        "iki bilete 35 lira verdi|e-postayı bulamadı|10 km'yi 52 dakikada koştu|sustu|8. bölümü okudu",
        "ve eve gitti!|tek söz etmeden.|3. kez, gerçekten.|, söz verdiği gibi.|(%50 indirim).|– öylesine.",
    ),
    "ar": (
        "يوم الأحد|في الساعة 7:45|في عام 2019|بعد الظهر|منذ التسعينيات|حسنا...",
        "زميلي|الدكتور أ. ب. حجر|ابن الجيران|لا أحد من رقم 14|الخبازة المعروفة|أحمد من YouTube",
        "دفع 35 دينارا لتذكرتين|لم يجد الرسالة|ركض 10 كم في 52 دقيقة|سكت|قرأ الفصل 8",
        "وعاد إلى البيت!|دون كلمة.|للمرة الثالثة، حقا.|كما وعد.|(خصم 50 %).|هكذا فقط.",
    ),
    "hi": (
        "रविवार को|सुबह 7:45 बजे|2019 में|दोपहर के बाद|90 के दशक से|खैर...",
        "मेरे साथी ने|डॉ. ए. बी. पत्थर ने|पड़ोसी के बेटे ने|नंबर 14 में किसी ने|मशहूर बेकर ने|ज़ोया ने",
        "दो टिकटों के 350 ₹ दिए|ई-मेल नहीं देखा|52 मिनट में 10 किमी दौड़ लगाई|कुछ नहीं कहा|अध्याय 8 पढ़ा",
        "और घर चला गया!|बिना कुछ बोले।|तीसरी बार, सच में।|, जैसा कहा था।|(50 % छूट)।|– बस यूँ ही।",
    ),
    "ko": (
        "일요일에|오전 7시 45분에|2019년에|3시 이후에|90년대부터|글쎄...",
        "내 동료는|A. B. 스톤 박사는|옆집 아들은|14번지 사람은 아무도|유명한 제빵사는|YouTube의 민지는",
        "표 두 장에 35,000원을 냈고|이메일을 못 찾았고|10km를 52분에 뛰었고|조용했고|8장을 읽었고",
        "집에 갔다!|한마디도 없었다.|벌써 3번째다, 정말.|약속대로였다.|(50 % 할인)이었다.|그냥 그랬다.",
    ),
    "ja": (
        "日曜日に|朝7時45分に|2019年に|3時過ぎに|90年代から|まあ…",
        "同僚は|A・B・ストーン博士は|隣の息子は|14番の誰かは|有名なパン屋さんは|YouTubeのミキは",
        "切符2枚に3,500円払って|メールを探して|10キロを52分で走って|黙って|第8章を読んで",
        "家に帰った！|何も言わなかった。|3回目だった、本当に。|約束を守った。|（50%引き）だった。|ただ笑った。",
    ),
    "zh": (
        "星期天|早上7:45|2019年|下午3点以后|从90年代起|嗯……",
        "我的同事|A·B·斯通博士|邻居的儿子|14号的某人|有名的面包师|YouTube上的小米",
        "花35元买了两张票|没找到邮件|52分钟跑了10公里|没说话|重读了第8章",
        "就回家了！|一句话也没说。|第3次了，真的。|，说到做到。|（打5折）。|——只是这样。",
    ),
    "th": (
        "วันอาทิตย์|ตอน 7:45 น.|ในปี 2019|หลัง 3 โมง|ตั้งแต่ยุค 90|อืม...",
        "เพื่อนร่วมงานของฉัน|ดร. เอ. บี. สโตน|ลูกชายข้างบ้าน|คนที่บ้านเลขที่ 14|คนทำขนมปังชื่อดัง|มินจาก YouTube",
        "จ่าย 350 บาทค่าตั๋วสองใบ|หาอีเมลไม่เจอ|วิ่ง 10 กม. ใน 52 นาที|เงียบ|อ่านบทที่ 8",
        "แล้วกลับบ้าน!|โดยไม่พูดอะไร|เป็นครั้งที่ 3 จริงๆ|ตามสัญญา|(ลด 50 %)|ก็แค่นั้น",
    ),
}  # fmt: skip
_WITHOUT_SPACES: Final = frozenset({"ja", "zh", "th"})


def clean_sentences(count: int) -> list[str]:
    """Return so many different sentences, as many of each language; at most 1,080 of one."""
    chance = random.Random(12)
    each = -(-count // len(_PARTS))
    found = [sentence for lang in _PARTS for sentence in chance.sample(_sentences(lang), each)]
    return found[:count]


def _sentences(lang: str) -> list[str]:
    between = "" if lang in _WITHOUT_SPACES else " "
    choices = product(*(part.split("|") for part in _PARTS[lang]))
    return [between.join(parts).replace(" ,", ",") for parts in choices]
