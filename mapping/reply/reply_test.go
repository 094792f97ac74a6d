package reply

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestSamples scores the parser over third-party mails that lie beside the checkout. spam_1 holds no word of its writer's own.
func TestSamples(t *testing.T) {
	const dir = "../../../shared/samples/reply-stripping"
	files, _ := filepath.Glob(filepath.Join(dir, "emails", "*.txt"))
	if len(files) == 0 {
		t.Skip("the samples are not beside the checkout")
	}
	good := 0
	for _, name := range files {
		mail, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(filepath.Join(dir, "trimmed", filepath.Base(name)))
		if err != nil {
			t.Fatal(err)
		}
		if got := Split(string(mail)).Text; strings.TrimSpace(got) == strings.TrimSpace(string(want)) {
			good++
		} else {
			t.Logf("%s\n got %q\nwant %q", filepath.Base(name), got, strings.TrimSpace(string(want)))
		}
	}
	t.Logf("%d of %d", good, len(files))
	if good < len(files) {
		t.Errorf("%d of %d as they should be", good, len(files))
	}
}

// headed are headings as programs write them, in many languages, each on one or more lines.
var headed = map[string]string{
	"english":             "On Mon, 3 Jun 2024 at 10:12, Ann Lee <ann@example.com> wrote:",
	"english, wrapped":    "On Mon, 3 Jun 2024 at 10:12, Ann Lee with a long name <\nann@example.com> wrote:",
	"english, wrapped 2":  "On Mon, Jun 3, 2024 at 10:12 AM Ann Lee <ann@example.com>\nwrote:",
	"english, no name":    "On 2024-06-03 10:12, ann@example.com wrote:",
	"at":                  "At 6/3/2024 10:12 AM, you wrote:",
	"german":              "Am 03.06.2024 um 10:12 schrieb Ann Lee <ann@example.com>:",
	"german, short year":  "Am 03.06.24 um 10:12 schrieb Ann Lee:",
	"german, name first":  "Ann Lee <ann@example.com> schrieb am Mo., 3. Juni 2024, 10:12:",
	"german, wrapped":     "Ann Lee <ann@example.com> schrieb am Mo., 3.\nJuni 2024 um 10:12 Uhr:",
	"french":              "Le lun. 3 juin 2024 à 10:12, Ann Lee <ann@example.com> a écrit :",
	"french, wrapped":     "Le lun. 3 juin 2024 à 10:12, Ann Lee\n<ann@example.com>\na écrit\u00a0:",
	"spanish":             "El lun, 3 jun 2024 a las 10:12, Ann Lee (<ann@example.com>) escribió:",
	"catalan":             "El dl., 3 de juny 2024, 10:12, Ann Lee <ann@example.com> va escriure:",
	"portuguese":          "Em seg., 3 de jun. de 2024 às 10:12, Ann Lee <ann@example.com> escreveu:",
	"italian":             "Il giorno lun 3 giu 2024 alle ore 10:12 Ann Lee <ann@example.com> ha scritto:",
	"dutch":               "Op ma 3 jun 2024 om 10:12 schreef Ann Lee <ann@example.com>:",
	"dutch, apple":        "Op 3 jun. 2024, om 10:12 heeft Ann Lee <ann@example.com> het volgende geschreven:",
	"swedish":             "Den mån 3 juni 2024 kl 10:12 skrev Ann Lee <ann@example.com>:",
	"danish":              "Den man. 3. jun. 2024 kl. 10.12 skrev Ann Lee <ann@example.com>:",
	"norwegian":           "man. 3. juni 2024 kl. 10:12 skrev Ann Lee <ann@example.com>:",
	"polish":              "pon., 3 cze 2024 o 10:12 Ann Lee <ann@example.com> napisał(a):",
	"polish 2":            "W dniu 3.06.2024 o 10:12, Ann Lee pisze:",
	"czech":               "po 3. 6. 2024 v 10:12 odesílatel Ann Lee <ann@example.com> napsal:",
	"slovak":              "po 3. 6. 2024 o 10:12 Ann Lee <ann@example.com> napísal(a):",
	"hungarian":           "Ann Lee <ann@example.com> ezt írta (időpont: 2024. jún. 3., H, 10:12):",
	"romanian":            "În lun., 3 iun. 2024 la 10:12, Ann Lee <ann@example.com> a scris:",
	"russian":             "пн, 3 июн. 2024 г. в 10:12, Ann Lee <ann@example.com>:",
	"russian 2":           "3 июня 2024 г. 10:12 пользователь Ann Lee <ann@example.com> написал:",
	"ukrainian":           "пн, 3 черв. 2024 р. о 10:12 Ann Lee <ann@example.com> пише:",
	"turkish":             "Ann Lee <ann@example.com>, 3 Haz 2024 Pzt, 10:12 tarihinde şunu yazdı:",
	"finnish":             "ma 3. kesäk. 2024 klo 10.12 Ann Lee (ann@example.com) kirjoitti:",
	"greek":               "Στις Δευ 3 Ιουν 2024 στις 10:12 π.μ., ο/η Ann Lee <ann@example.com> έγραψε:",
	"chinese":             "在 2024年6月3日，上午10:12，Ann Lee <ann@example.com> 写道：",
	"chinese 2":           "Ann Lee <ann@example.com> 於 2024年6月3日 週一 上午10:12寫道：",
	"japanese":            "2024年6月3日(月) 10:12 Ann Lee <ann@example.com>:",
	"korean":              "2024년 6월 3일 (월) 오전 10:12, Ann Lee <ann@example.com>님이 작성:",
	"vietnamese":          "Vào Th 2, 3 thg 6, 2024 vào lúc 10:12 Ann Lee <ann@example.com> đã viết:",
	"zoho":                "---- On Mon, 03 Jun 2024 10:12:00 +0200 Ann Lee <ann@example.com> wrote ----",
	"original":            "-----Original Message-----",
	"original, german":    "-----Ursprüngliche Nachricht-----",
	"original, spanish":   "-------- Mensaje original --------",
	"forward":             "---------- Forwarded message ---------",
	"forward, apple":      "Begin forwarded message:",
	"forward, french":     "Début du message réexpédié :",
	"outlook":             "________________________________\nFrom: Ann Lee <ann@example.com>\nSent: Monday, 3 June 2024 10:12\nTo: Jo <jo@example.org>\nSubject: Your order",
	"outlook, bold":       "*From:* Ann Lee\n*Sent:* 2024-06-03\n*To:* Jo\n*Subject:* Your order",
	"outlook, german":     "Von: Ann Lee <ann@example.com>\nGesendet: Montag, 3. Juni 2024 10:12\nAn: Jo\nBetreff: Bestellung",
	"outlook, french":     "De : Ann Lee <ann@example.com>\nEnvoyé : lundi 3 juin 2024 10:12\nÀ : Jo\nObjet : Commande",
	"outlook, dutch":      "Van: Ann Lee <ann@example.com>\nVerzonden: maandag 3 juni 2024 10:12\nAan: Jo\nOnderwerp: Bestelling",
	"outlook, polish":     "Od: Ann Lee <ann@example.com>\nWysłano: poniedziałek, 3 czerwca 2024\nDo: Jo\nTemat: Zamówienie",
	"outlook, portuguese": "De: Ann Lee <ann@example.com>\nEnviado: segunda-feira, 3 de junho de 2024\nPara: Jo\nAssunto: Pedido",
	"outlook, danish":     "Fra: Ann Lee <ann@example.com>\nSendt: 3. juni 2024 10:12\nTil: Jo\nEmne: Ordre",
	"outlook, turkish":    "Kimden: Ann Lee <ann@example.com>\nTarih: 3 Haziran 2024\nKime: Jo\nKonu: Sipariş",
	"outlook, chinese":    "发件人: Ann Lee <ann@example.com>\n发送时间: 2024年6月3日\n收件人: Jo\n主题: 订单",
}

func TestHeadings(t *testing.T) {
	const own = "Yes, that is fine.\n\nThank you!"
	for name, heading := range headed {
		for _, under := range []string{"> Is that fine?\n>\n> Ann\n", "Is that fine?\n\nAnn\n"} {
			p := Split(own + "\n\n" + heading + "\n\n" + under)
			if p.Text != own || !p.Cut {
				t.Errorf("%s: %q left of\n%s\n%s", name, p.Text, heading, under)
			}
		}
	}
}

func TestSplit(t *testing.T) {
	for _, c := range []struct{ name, in, want, signature string }{
		{"nothing", "", "", ""},
		{"plain", "Hello\n\nWorld\n", "Hello\n\nWorld", ""},
		{"carriage returns", "Hello\r\n> x\r\n", "Hello", ""},
		{"signature", "Hello\n\n-- \nJo Lee\nExample Ltd\n", "Hello", "Jo Lee\nExample Ltd"},
		{"device", "Hello\n\nSent from my iPhone", "Hello", "Sent from my iPhone"},
		{"device, german", "Hallo\nVon meinem iPhone gesendet", "Hallo", "Von meinem iPhone gesendet"},
		{"device, outlook", "Hello\n\nGet Outlook for iOS<https://aka.ms/o0ukef>", "Hello", "Get Outlook for iOS<https://aka.ms/o0ukef>"},
		{"a device that is none", "Sent from the warehouse, they say", "Sent from the warehouse, they say", ""},
		{"nothing but a device", "Sent from my iPhone", "Sent from my iPhone", ""},
		{"dashes with much below", "Hello\n--\n" + strings.Repeat("a line\n", 40) + "end", "Hello\n--\n" + strings.Repeat("a line\n", 40) + "end", ""},
		{"a title", "My order\n========\nTwo boxes", "My order\n========\nTwo boxes", ""},
		{"sections", "One\n---\nTwo", "One\n---\nTwo", ""},
		{"a travel form", "From: Oslo\nTo: Rome\nDate: 3 June\nSeats: 2", "From: Oslo\nTo: Rome\nDate: 3 June\nSeats: 2", ""},
		{"a web form", "From: Jo <jo@example.org>\nSubject: Refund\nDate: 3 June\n\nPlease refund.", "From: Jo <jo@example.org>\nSubject: Refund\nDate: 3 June\n\nPlease refund.", ""},
		{"speech", "My wife wrote:\nplease hurry", "My wife wrote:\nplease hurry", ""},
		{"a list", "On the box it says 12345:\n- this\n- that", "On the box it says 12345:\n- this\n- that", ""},
		{"a number at the start", "2024 was a good year:\nyes", "2024 was a good year:\nyes", ""},
		{"answers in between", "> one?\nyes\n> two?\nno", "> one?\nyes\n> two?\nno", ""},
		{"answer below", "On 3 Jun 2024, Ann wrote:\n> one?\n\nyes\n", "yes", ""},
		{"a table of bars", "| a | b |\n| 1 | 2 |", "| a | b |\n| 1 | 2 |", ""},
		{"only a quote", "> x\n> y", "> x\n> y", ""},
		{"a mail passed on", "---------- Forwarded message ----------\nFrom: Jo <jo@example.org>\nDate: 3 June 2024\nSubject: Hi\nTo: Ann\n\nIt is here.", "It is here.", ""},
		{"indented", "    code\n    more\n> x", "    code\n    more", ""},
	} {
		got := Split(c.in)
		if got.Text != c.want || got.Signature != c.signature {
			t.Errorf("%s\n got %q | %q\nwant %q | %q", c.name, got.Text, got.Signature, c.want, c.signature)
		}
		if kept := strings.Trim(strings.ReplaceAll(c.in, "\r", ""), "\n"); got.Cut != (kept != c.want) {
			t.Errorf("%s: cut %v", c.name, got.Cut)
		}
	}
}

// TestHostile bounds the time any body takes: a form that is not linear takes minutes here.
func TestHostile(t *testing.T) {
	size := 10 << 20
	if testing.Short() {
		size = 1 << 20
	}
	for _, unit := range []string{">", ">\n", "On ", "On 2024\n", "> On 3 Jun 2024 a@b wrote:\n", "On 3 Jun 2024 a@b wrote:\n> q\ntext\n", "On 3 Jun 2024 a@b wrote:\n> q\n", "-", "--\n", "\n", "a\n",
		"From: x\n", "From: x\nx\n", "Sent from my iPhone\n", ":", "1:\n", "wrote wrote 2024 @:", "<a>:\n", "a>", "\u200b", "写道", "----\nx\n", "|\n", "@wrote\n\n\n\n>:\n"} {
		s := "text\n" + strings.Repeat(unit, size/len(unit))
		began := time.Now()
		Split(s)
		Split(s[:len(s)/2] + "\ntext\n> x\n")
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("%q × n took %v", unit, took)
		}
	}
	for _, unit := range []string{"<div>", "<blockquote>", "<div class=gmail_quote>", "</div>", "<br>", "<p>", "<blockquote type=cite>a</blockquote>b", "<b>", "<b><i></b>", "<td>", "<img>", "<hr>", "<", "<a b=", "<pre>\n",
		"<blockquote type=cite><p>", "On 3 Jun 2024 a@b wrote:<br>", "&gt;<br>", "<script>", "<!--"} {
		s := "text<br>" + strings.Repeat(unit, size/4/len(unit))
		began := time.Now()
		SplitHTML(s)
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("%q × n took %v", unit, took)
		}
	}
}

func FuzzSplit(f *testing.F) {
	for _, h := range headed {
		f.Add("mine\n\n" + h + "\n> theirs\n")
	}
	f.Add("a\n-- \nb\r\nSent from my iPhone")
	f.Fuzz(func(t *testing.T, s string) {
		p := Split(s)
		if len(p.Text)+len(p.Signature) > len(s) {
			t.Fatalf("%q grew to %q and %q", s, p.Text, p.Signature)
		}
		words := func(s string) string {
			return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r <= ' ' || isBlank(r) }), " ")
		}
		if !p.Cut && words(p.Text) != words(s) {
			t.Fatalf("%q became %q uncut", s, p.Text)
		}
	})
}

func BenchmarkSplit(b *testing.B) {
	s := strings.Repeat("Dear Sirs,\n\nmy order of last week has not arrived yet: what happened?\nPlease tell me soon.\n\n", 8) + "Jo\n\nOn Mon, 3 Jun 2024 at 10:12, Ann <ann@example.com> wrote:\n\n" +
		strings.Repeat("> Thank you for your order, it is on its way to you.\n>\n", 20)
	b.SetBytes(int64(len(s)))
	b.ReportAllocs()
	for b.Loop() {
		Split(s)
	}
}

func BenchmarkSplitHTML(b *testing.B) {
	s := strings.Repeat("<div style=\"color: red\"><p>Dear <b>Jane</b>,<br>your order &amp; invoice are on <a href=\"https://acme.example/x?y=z\">their way</a>.</p></div>\n", 12) +
		"<div class=\"gmail_quote\"><blockquote class=\"gmail_quote\">" + strings.Repeat("<p>quoted text</p>", 30) + "</blockquote></div>"
	b.SetBytes(int64(len(s)))
	b.ReportAllocs()
	for b.Loop() {
		SplitHTML(s)
	}
}
