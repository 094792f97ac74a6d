package reply

import "strings"

// The words mail programs write. All are in lower case.

// wrote holds the verbs of a heading, as in "On Monday Jane wrote:".
var wrote = []string{
	"wrote", "writes", "schrieb", "geschrieben", "schreef", "geschreven", "a écrit", "a ecrit", "écrivait", "escribió", "escribio", "ha escrit", "va escriure",
	"escreveu", "ha scritto", "scrisse", "skrev", "napisał", "pisze", "napísal", "napsal", "napisao", "napisala", "napisal", "je pisao",
	"написал", "пишет", "писал", "пише", "написав", "написа", "írta", "a scris", "yazdı", "yazmış", "kirjoitti", "kirjutas", "έγραψε", "rašė", "parašė", "rakstīja",
	"写道", "寫道", "写到", "のメール", "書きました", "작성", "썼습니다", "đã viết", "menulis", "كتب", "כתב", "כתבה", "เขียน", "ने लिखा",
}

// before holds the words a heading begins with where it names the time first.
var before = []string{
	"on ", "at ", "am ", "le ", "el ", "il ", "op ", "den ", "em ", "dnia ", "w dniu ", "på ", "pe ", "ha ", "dne ", "dňa ", "dana ", "a ", "la ", "în data ",
	"na ", "tarihinde ", "στις ", "vào ", "pada ", "в ", "於 ", "于", "在", "el día ", "om ", "am:", "on:", "le:", "בתאריך ", "ב-", "في ", "----",
}

func wroteAt(s string) (at, end int) {
	at = -1
	for _, w := range wrote {
		if i := strings.LastIndex(s, w); i >= 0 && i+len(w) > end {
			at, end = i, i+len(w)
		}
	}
	return at, end
}

func hasPrefix(s string, words []string) bool {
	for _, w := range words {
		if strings.HasPrefix(s, w) {
			return true
		}
	}
	return false
}

// forwards tells what stands between the dashes above a mail that is carried along; lines says that there are dashes.
func forwards(s string, lines bool) bool {
	switch s {
	case "begin forwarded message", "anfang der weitergeleiteten nachricht", "début du message réexpédié", "début du message transféré", "inizio messaggio inoltrato",
		"inicio del mensaje reenviado", "início da mensagem reencaminhada", "início da mensagem encaminhada", "begin doorgestuurd bericht", "vidarebefordrat brev",
		"videresendt besked", "videresendt melding", "start på videresendt besked", "начало переадресованного сообщения", "początek przekazywanej wiadomości",
		"下面是被转发的邮件", "開始轉寄郵件", "転送されたメッセージ", "전달된 메시지", "iletilen ileti başlangıcı", "välitetty viesti alkaa":
		return true
	}
	if !lines {
		return false
	}
	switch s {
	case "original message", "original mail", "original email", "reply message", "ursprüngliche nachricht", "urspruengliche nachricht", "originalnachricht", "original-nachricht",
		"ursprüngliche e-mail", "message d'origine", "message d’origine", "message original", "message initial", "mensaje original", "missatge original", "mensagem original",
		"messaggio originale", "oorspronkelijk bericht", "origineel bericht", "ursprungligt meddelande", "originalmeddelande", "oprindelig meddelelse", "original meddelelse",
		"oprindelig besked", "opprinnelig melding", "original melding", "wiadomość oryginalna", "oryginalna wiadomość", "исходное сообщение", "оригинальное сообщение",
		"оригінальне повідомлення", "původní zpráva", "pôvodná správa", "eredeti üzenet", "mesaj original", "mesajul original", "özgün ileti", "orijinal mesaj",
		"alkuperäinen viesti", "αρχικό μήνυμα", "originalna poruka", "izvorna poruka", "izvirno sporočilo", "algne kiri", "оригинално съобщение",
		"原始邮件", "原始郵件", "原邮件", "原郵件", "元のメッセージ", "original メッセージ", "원본 메시지", "원본 메일", "pesan asli", "thư gốc", "الرسالة الأصلية", "הודעה מקורית",
		"ข้อความต้นฉบับ":
		return true
	case "forwarded message", "forwarded by", "weitergeleitete nachricht", "message transféré", "message réexpédié", "mensaje reenviado", "mensagem encaminhada",
		"mensagem reencaminhada", "messaggio inoltrato", "doorgestuurd bericht", "vidarebefordrat meddelande", "videresendt meddelelse", "wiadomość przekazana",
		"przekazana wiadomość", "forwarded message (przekazana wiadomość)", "пересылаемое сообщение", "пересланное сообщение", "переслане повідомлення",
		"přeposlaná zpráva", "preposlaná správa", "továbbított üzenet", "mesaj redirecționat", "iletilen mesaj", "välitetty viesti", "προωθημένο μήνυμα",
		"转发的邮件", "轉寄的郵件", "转发邮件信息", "転送メッセージ", "전달된 메일", "pesan terusan", "رسالة معاد توجيهها", "הודעה שהועברה", "missatge reenviat":
		return true
	}
	return false
}

// headerKind says which part of a mail's header a name is.
type headerKind uint8

const (
	headerOther headerKind = 1 << iota
	headerFrom
	headerSubject
	headerDate
)

// headerNames are the names of header lines, in the languages of the programs that write them into bodies.
var headerNames = map[string]headerKind{
	"from": headerFrom, "von": headerFrom, "de": headerFrom, "da": headerFrom, "van": headerFrom, "från": headerFrom, "fra": headerFrom, "od": headerFrom,
	"отправитель": headerFrom, "от": headerFrom, "від": headerFrom, "feladó": headerFrom, "kimden": headerFrom, "gönderen": headerFrom, "lähettäjä": headerFrom,
	"από": headerFrom, "expéditeur": headerFrom, "remitente": headerFrom, "mittente": headerFrom, "afzender": headerFrom, "nadawca": headerFrom, "saatja": headerFrom,
	"发件人": headerFrom, "寄件者": headerFrom, "寄件人": headerFrom, "差出人": headerFrom, "送信者": headerFrom, "보낸 사람": headerFrom, "dari": headerFrom, "من": headerFrom, "מאת": headerFrom,
	"de la": headerFrom, "šalje": headerFrom, "от кого": headerFrom,

	"subject": headerSubject, "betreff": headerSubject, "objet": headerSubject, "asunto": headerSubject, "assumpte": headerSubject, "assunto": headerSubject, "oggetto": headerSubject,
	"onderwerp": headerSubject, "ämne": headerSubject, "emne": headerSubject, "temat": headerSubject, "тема": headerSubject, "předmět": headerSubject,
	"predmet": headerSubject, "tárgy": headerSubject, "subiect": headerSubject, "konu": headerSubject, "aihe": headerSubject, "θέμα": headerSubject, "teema": headerSubject,
	"主题": headerSubject, "主旨": headerSubject, "主題": headerSubject, "件名": headerSubject, "제목": headerSubject, "subjek": headerSubject, "subyek": headerSubject, "الموضوع": headerSubject, "נושא": headerSubject,
	"относно": headerSubject, "zadeva": headerSubject, "chủ đề": headerSubject,

	"sent": headerDate, "date": headerDate, "gesendet": headerDate, "datum": headerDate, "envoyé": headerDate, "date d'envoi": headerDate, "enviado": headerDate,
	"enviado el": headerDate, "fecha": headerDate, "data": headerDate, "inviato": headerDate, "enviada": headerDate, "enviada em": headerDate, "verzonden": headerDate, "skickat": headerDate, "sendt": headerDate,
	"dato": headerDate, "wysłano": headerDate, "wysłane": headerDate, "отправлено": headerDate, "дата": headerDate, "надіслано": headerDate, "odesláno": headerDate, "odoslané": headerDate,
	"elküldve": headerDate, "küldve": headerDate, "dátum": headerDate, "trimis": headerDate, "tarih": headerDate, "gönderme tarihi": headerDate, "lähetetty": headerDate, "päivämäärä": headerDate,
	"ημερομηνία": headerDate, "στάλθηκε": headerDate, "poslano": headerDate, "发送时间": headerDate, "日期": headerDate, "寄件日期": headerDate, "日付": headerDate, "送信日時": headerDate, "보낸 날짜": headerDate,
	"날짜": headerDate, "dikirim": headerDate, "tanggal": headerDate, "تاريخ": headerDate, "נשלח": headerDate, "תאריך": headerDate,

	"to": headerOther, "cc": headerOther, "bcc": headerOther, "reply-to": headerOther, "reply to": headerOther, "importance": headerOther, "attachments": headerOther, "organization": headerOther,
	"an": headerOther, "antwort an": headerOther, "kopie": headerOther, "wichtigkeit": headerOther, "priorität": headerOther, "anlagen": headerOther,
	"à": headerOther, "a": headerOther, "pour": headerOther, "répondre à": headerOther, "copie à": headerOther, "pièces jointes": headerOther,
	"para": headerOther, "responder a": headerOther, "risposta": headerOther, "rispondi a": headerOther, "aan": headerOther, "antwoord aan": headerOther,
	"till": headerOther, "til": headerOther, "kopia": headerOther, "kopi": headerOther, "svar til": headerOther, "do": headerOther, "dw": headerOther, "odpowiedz do": headerOther,
	"кому": headerOther, "копия": headerOther, "копія": headerOther, "komu": headerOther, "címzett": headerOther, "másolat": headerOther, "către": headerOther, "catre": headerOther,
	"kime": headerOther, "alıcı": headerOther, "bilgi": headerOther, "vastaanottaja": headerOther, "προς": headerOther, "za": headerOther, "prima": headerOther, "saaja": headerOther,
	"收件人": headerOther, "收件者": headerOther, "抄送": headerOther, "副本": headerOther, "宛先": headerOther, "받는 사람": headerOther, "참조": headerOther, "kepada": headerOther, "إلى": headerOther, "אל": headerOther,
	"до": headerOther,
}

// headerOf tells the part of a header a line is, 0 for none. The name may stand between asterisks.
func headerOf(s string) headerKind {
	i := strings.IndexByte(s, ':')
	if j := strings.Index(s, "："); j >= 0 && (i < 0 || j < i) {
		i = j
	}
	if i <= 0 || i > 40 {
		return 0
	}
	name := strings.Trim(s[:i], "* \t\u00a0")
	if name == "" {
		return 0
	}
	return headerNames[strings.ToLower(name)]
}

// gadgets are what a device line speaks of.
var gadgets = []string{
	"iphone", "ipad", "ipod", "phone", "mobile", "device", "android", "galaxy", "samsung", "blackberry", "windows", "outlook", "mail", "yahoo", "gmail", "cell", "tablet",
	"huawei", "htc", "nokia", "pixel", "xiaomi", "redmi", "oneplus", "sony", "xperia", "motorola", "nexus", "surface", "my ", "mein", "handy", "smartphone", "mobil",
	"mon ", "mio ", "mi ", "meu ", "min ", "mijn ", "моего", "мого", "puhelin", "telefon", "téléphone", "teléfono", "telefono", "aol", "spark", "airmail", "thunderbird", "fairphone",
	"k-9", "proton", "tutanota", "gmx", "web.de", "icloud", "poste", "vodafone", "telekom", "bouygues", "orange",
}

// device tells a line that a program puts under a mail; s is in lower case, without brackets before it.
func device(s string) bool {
	for _, w := range []string{
		"sent from ", "sent via ", "sent with ", "sent by ", "sent using ", "envoyé depuis ", "envoyé de ", "envoyé à partir ", "envoyé avec ", "envoyé via ", "télécharger outlook",
		"gesendet von ", "gesendet mit ", "gesendet aus ", "gesendet via ", "von meinem ", "diese nachricht wurde von meinem ", "enviado desde ", "enviado de ", "enviado do ", "enviado via ", "enviado con ", "enviado a partir ",
		"enviada do ", "inviato da ", "inviato dal ", "inviato con ", "verzonden vanaf ", "verzonden met ", "verzonden vanuit ", "verstuurd vanaf ", "verstuurd met ", "verstuurd via ", "skickat från ", "skickades från ", "skickat med ", "sendt fra ", "sendt med ", "sendt via ",
		"wysłane z ", "wysłano z ", "отправлено с ", "отправлено из ", "надіслано з ", "odesláno z ", "odoslané z ", "küldve ", "trimis de pe ", "trimis din ", "lähetetty ", "στάλθηκε από ",
		"poslano s ", "poslano z ", "dikirim dari ", "from my ", "enviat des de ", "enviat des del ",
	} {
		if strings.HasPrefix(s, w) {
			return speaksOf(s[len(w)-1:])
		}
	}
	switch {
	case strings.HasPrefix(s, "get ") || strings.HasPrefix(s, "hol dir ") || strings.HasPrefix(s, "holen sie sich ") || strings.HasPrefix(s, "obtenir ") ||
		strings.HasPrefix(s, "obtener ") || strings.HasPrefix(s, "outlook für ") || strings.HasPrefix(s, "scarica ") || strings.HasPrefix(s, "download ") ||
		strings.HasPrefix(s, "obter o ") || strings.HasPrefix(s, "hämta ") || strings.HasPrefix(s, "hent "):
		return strings.Contains(s, "outlook") && (strings.Contains(s, " ios") || strings.Contains(s, "android") || strings.Contains(s, "aka.ms"))
	case strings.HasSuffix(s, " from mobile"), strings.HasSuffix(s, "gesendet") && speaksOf(s), strings.HasSuffix(s, "gesendet.") && speaksOf(s),
		strings.HasSuffix(s, "'dan gönderildi"), strings.HasSuffix(s, "’dan gönderildi"), strings.HasSuffix(s, "'den gönderildi"),
		strings.HasPrefix(s, "從我的") && strings.HasSuffix(s, "傳送"), strings.HasPrefix(s, "从我的") && (strings.HasSuffix(s, "发送") || strings.HasSuffix(s, "發送")),
		strings.HasPrefix(s, "发自我的"), strings.HasPrefix(s, "來自我的"), strings.HasPrefix(s, "傳送自"), strings.HasPrefix(s, "发送自"), strings.HasSuffix(s, "から送信"), strings.HasSuffix(s, "에서 보냄"),
		strings.HasPrefix(s, "نشر من "), strings.HasPrefix(s, "أرسلت من "), strings.HasPrefix(s, "נשלח מ"):
		return true
	}
	return false
}

func speaksOf(s string) bool {
	for _, w := range gadgets {
		if strings.Contains(s, w) {
			return true
		}
	}
	return strings.HasPrefix(s, " a phone") || strings.HasSuffix(s, " pc")
}
