//go:build ignore

// Generate writes the sample exports of this folder. They are made up and always the same:
//
//	go run testdata/generate.go
package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"html"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/encoding/charmap"
)

func main() {
	dir := "testdata"
	for _, f := range []struct {
		name string
		data []byte
	}{
		{"helpdesk.json", nested(conversations(240, 1, false))},
		{"messages.csv", perMessage(conversations(80, 2, false))},
		{"tickets.csv", perTicket(conversations(60, 3, true))},
		{"v2-messages.ndjson", v2(conversations(70, 4, false))},
	} {
		if err := os.WriteFile(filepath.Join(dir, f.name), f.data, 0o644); err != nil {
			log.Fatal(err)
		}
	}
}

type person struct {
	id          int
	name, email string
	agent, gone bool
}

type message struct {
	id       int
	author   *person
	internal bool
	channel  string
	text     string
	html     string
	at       time.Time
	files    []string
}

type conversation struct {
	id       int
	subject  string
	status   string
	priority string
	channel  string
	tags     []string
	product  string
	customer *person
	messages []message
}

// talk is a conversation in one language: who says what, "c" customer, "a" agent, "n" internal note.
type talk struct {
	subject string
	tags    string
	says    []string
}

var talks = []talk{
	{"Parcel %d has not moved for a week", "shipping,late", []string{
		"c:Hello,\n\nmy order %d was due last Tuesday. The tracking page says \"in transit\" since then.\nCan you find out where it is?\n\nThanks",
		"a:Hi,\n\nsorry about the wait. I have opened a trace with the carrier; they answer within two working days.\n\nKind regards",
		"n:Carrier says the label was damaged in sorting. Offer a replacement if nothing moves by Friday.",
		"a:Good news: the parcel was found & relabelled. It should reach you tomorrow.",
		"c:It arrived this morning, everything is intact. Thank you! 🚲"}},
	{"Wrong size: order %d", "return,sizing", []string{
		"c:I ordered the rain jacket in M but the label says L. How do I swap it?\n\nOrder %d",
		"a:No problem at all. Please use the return label attached; we ship the M as soon as yours is scanned.",
		"c:Done. Dropped it off today."}},
	{"Rechnung zu Bestellung %d fehlt", "rechnung,buchhaltung", []string{
		"c:Guten Tag,\n\nfür die Bestellung %d habe ich leider keine Rechnung erhalten. Könnten Sie mir diese bitte als PDF schicken?\n\nMit freundlichen Grüßen",
		"a:Guten Tag,\n\nselbstverständlich – die Rechnung finden Sie im Anhang. Größere Bestellungen werden künftig automatisch verschickt.\n\nViele Grüße",
		"n:Kunde möchte künftig Sammelrechnung. Mit Buchhaltung klären.",
		"c:Perfekt, vielen Dank für die schnelle Antwort!"}},
	{"Frein arrière défectueux, commande %d", "garantie,défaut", []string{
		"c:Bonjour,\n\nle frein arrière reçu avec la commande %d fuit déjà. Je joins une photo. Que dois-je faire ?\n\nMerci d'avance",
		"a:Bonjour,\n\nnous sommes désolés. Un remplacement sous garantie part aujourd'hui ; inutile de renvoyer l'ancien.\n\nBien à vous",
		"c:Reçu et monté, c'est parfait. Merci !"}},
	{"¿Cuándo vuelve a haber existencias? (ref. %d)", "stock", []string{
		"c:Hola, ¿sabéis cuándo volverá a estar disponible el casco azul, referencia %d?",
		"a:¡Hola! Lo esperamos para la última semana del mes. ¿Quieres que te avisemos?",
		"c:Sí, por favor. ¡Gracias!"}},
	{"Retour van bestelling %d", "retour", []string{
		"c:Beste,\n\nik wil graag de helft van bestelling %d terugsturen. De trappers passen niet.\n\nGroeten",
		"n:Klant heeft al twee keer geretourneerd dit jaar; geen kosten rekenen.",
		"a:Beste,\n\ngeen probleem. U ontvangt zo een retourlabel per e-mail.\n\nMet vriendelijke groet"}},
	{"注文 %d の配送先変更", "shipping,international", []string{
		"c:注文番号 %d の配送先を会社に変更できますか。よろしくお願いします。",
		"a:ご連絡ありがとうございます。配送先を変更いたしました。",
		"c:ありがとうございます!"}},
	{"سؤال عن الطلب %d", "international", []string{
		"c:مرحباً، هل يمكن شحن الطلب %d إلى دبي؟",
		"a:Hello, yes: we ship to Dubai within 6 to 8 days. The duty is paid by us.",
		"c:شكراً جزيلاً"}},
	{"Discount code does not apply to %d", "billing", []string{
		"c:The code from your newsletter gives \"invalid\" on cart %d :-(\n\n<3 your shop otherwise",
		"a:That code needs a basket over 50 €. I have made an exception: it works now if 5 < items.",
		"c:Great, ordered!"}},
	{"Voicemail from the shop line (%d)", "phone", []string{
		"c:[transcript] Hi, it's about order %d, please ring me back after four. Thanks, bye.",
		"n:Called back 16:20, no answer. Try again tomorrow.",
		"a:We tried to reach you by phone twice. The short answer: yes, the wheel fits your frame."}},
}

var first = []string{"Amara", "Bruno", "Chloé", "Dagmar", "Emil", "Fatima", "Goran", "Hanna", "Inés", "Jürgen", "Keiko", "Liam", "Mårten", "Noor", "Olu", "Paolo"}

var channels = []string{"email", "email", "email", "chat", "web", "phone"}

// conversations makes n of them from a seed; latin keeps to what Windows-1252 can write.
func conversations(n int, seed uint64, latin bool) []conversation {
	r := rand.New(rand.NewPCG(seed, 42))
	agents := []*person{
		{1, "Mia Berg", "mia@acme.test", true, false},
		{2, "Noah Laurent", "noah@acme.test", true, false},
		{3, "Warehouse", "warehouse@acme.test", true, false},
		{4, "Front desk", "frontdesk@acme.test", true, true},
	}
	customers := make([]*person, n/2+3)
	for i := range customers {
		name := first[r.IntN(len(first))]
		customers[i] = &person{id: 100 + i, name: name + " " + string(rune('A'+i%26)) + ".", email: fmt.Sprintf("customer%03d@%s", i, []string{"example.com", "example.org", "example.net"}[i%3])}
		if i%17 == 5 {
			customers[i].email = strings.ToUpper(customers[i].email[:1]) + customers[i].email[1:]
		}
	}
	start := time.Date(2016, 3, 1, 8, 0, 0, 0, time.UTC)
	var out []conversation
	next := 50_000
	for i := range n {
		t := talks[r.IntN(len(talks))]
		for latin && !writable(t) {
			t = talks[r.IntN(len(talks))]
		}
		order := 100_000 + r.IntN(900_000)
		c := conversation{
			id: 1000 + i, subject: fmt.Sprintf(t.subject, order), customer: customers[r.IntN(len(customers))],
			status:   []string{"new", "open", "pending", "solved", "solved", "closed", "closed", "closed"}[r.IntN(8)],
			priority: []string{"low", "normal", "normal", "high", "urgent"}[r.IntN(5)],
			channel:  channels[r.IntN(len(channels))], tags: strings.Split(t.tags, ","),
			product: []string{"bike", "jacket", "helmet", ""}[r.IntN(4)],
		}
		at := start.Add(time.Duration(i) * 36 * time.Hour).Add(time.Duration(r.IntN(8*3600)) * time.Second)
		agent := agents[r.IntN(len(agents))]
		var previous string
		for j, say := range t.says {
			if j > 0 && r.IntN(9) == 0 {
				break
			}
			who, text, _ := strings.Cut(say, ":")
			if strings.Contains(text, "%d") {
				text = fmt.Sprintf(text, order)
			}
			next += 1 + r.IntN(3)
			m := message{id: next, author: c.customer, channel: c.channel, text: text, at: at}
			switch who {
			case "a":
				m.author = agent
				m.text += "\n\n-- \n" + agent.name
			case "n":
				m.author, m.internal = agents[r.IntN(len(agents))], true
			}
			if previous != "" && c.channel == "email" && !m.internal && r.IntN(2) == 0 {
				m.text += "\n\n> " + strings.ReplaceAll(previous, "\n", "\n> ")
			}
			if r.IntN(3) == 0 && !m.internal {
				m.html = "<div><p>" + strings.ReplaceAll(html.EscapeString(m.text), "\n", "<br>\n") + "</p></div>"
			}
			if r.IntN(6) == 0 {
				m.files = append(m.files, fmt.Sprintf("https://files.acme.test/%d/photo %d.jpg", c.id, j))
			}
			c.messages = append(c.messages, m)
			if !m.internal {
				previous = text
			}
			at = at.Add(time.Duration(600+r.IntN(170_000)) * time.Second)
		}
		out = append(out, c)
	}
	return out
}

func writable(t talk) bool {
	_, err := charmap.Windows1252.NewEncoder().String(t.subject + strings.Join(t.says, ""))
	return err == nil
}

// nested is one JSON document with users and tickets, each ticket with its comments: what a full export looks like.
func nested(all []conversation) []byte {
	type obj = map[string]any
	seen := map[int]*person{}
	var tickets []obj
	for _, c := range all {
		var comments []obj
		for _, m := range c.messages {
			o := obj{"id": m.id, "author_id": m.author.id, "public": !m.internal, "body": m.text, "created_at": m.at.Format(time.RFC3339), "via": obj{"channel": m.channel}}
			if m.html != "" {
				o["html_body"] = m.html
			}
			var files []obj
			for i, u := range m.files {
				files = append(files, obj{"content_url": u, "file_name": u[strings.LastIndex(u, "/")+1:], "content_type": "image/jpeg", "size": 20_000 + i})
			}
			if files != nil {
				o["attachments"] = files
			}
			comments = append(comments, o)
			if !m.author.gone {
				seen[m.author.id] = m.author
			}
		}
		seen[c.customer.id] = c.customer
		last := c.messages[len(c.messages)-1].at
		t := obj{"id": c.id, "subject": c.subject, "status": c.status, "priority": c.priority, "requester_id": c.customer.id,
			"tags": c.tags, "created_at": c.messages[0].at.Format(time.RFC3339), "updated_at": last.Format(time.RFC3339),
			"via": obj{"channel": c.channel}, "comments": comments, "url": fmt.Sprintf("https://old.acme.test/tickets/%d", c.id)}
		if c.status == "closed" || c.status == "solved" {
			t["solved_at"] = last.Add(time.Hour).Format(time.RFC3339)
		}
		if c.product != "" {
			t["custom_fields"] = []obj{{"id": 360001, "value": c.product}}
		}
		tickets = append(tickets, t)
	}
	var users []obj
	for id := 0; id < 10_000; id++ {
		if p := seen[id]; p != nil {
			role := "end-user"
			if p.agent {
				role = "agent"
			}
			users = append(users, obj{"id": p.id, "name": p.name, "email": p.email, "role": role})
		}
	}
	b, err := json.MarshalIndent(obj{"exported_at": "2026-01-05T06:00:00Z", "users": users, "tickets": tickets}, "", " ")
	if err != nil {
		log.Fatal(err)
	}
	return append(b, '\n')
}

// perMessage is a CSV with one row a message, UTF-8 with a BOM, rows of a ticket scattered over the file.
func perMessage(all []conversation) []byte {
	rows := [][]string{}
	for _, c := range all {
		for _, m := range c.messages {
			rows = append(rows, []string{strconv.Itoa(c.id), strconv.Itoa(m.id), c.subject, c.status, c.customer.email, c.customer.name,
				m.author.email, m.author.name, c.channel, yes(m.internal), m.text, m.html, m.at.Format("2006-01-02 15:04:05"), strings.Join(c.tags, ", "), strings.Join(m.files, "|")})
		}
	}
	r := rand.New(rand.NewPCG(7, 7))
	r.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	return table("\ufeff", ',', false, append([][]string{{"ticket_id", "message_id", "subject", "status", "requester_email", "requester_name", "author_email", "author_name",
		"channel", "internal", "body_text", "body_html", "sent_at", "tags", "attachments"}}, rows...))
}

// perTicket is what a spreadsheet user saves: one row a ticket, semicolons, CRLF, Windows-1252, day-first times.
func perTicket(all []conversation) []byte {
	rows := [][]string{{"Ticket Nr.", "Betreff", "Status", "Kunde", "E-Mail", "Nachricht", "Bearbeiter", "Antwort", "Erstellt", "Beantwortet", "Tag", "Tag"}}
	for _, c := range all {
		row := make([]string, 12)
		tag := append(c.tags, "")
		copy(row, []string{strconv.Itoa(c.id), c.subject, map[string]string{"new": "neu", "open": "offen", "pending": "wartend", "solved": "gelöst", "closed": "geschlossen"}[c.status],
			c.customer.name, c.customer.email, c.messages[0].text, "", "", c.messages[0].at.Format("02.01.2006 15:04"), "", tag[0], tag[1]})
		for _, m := range c.messages {
			if m.author.agent && !m.internal {
				row[6], row[7], row[9] = m.author.email, m.text, m.at.Format("02.01.2006 15:04")
				break
			}
		}
		rows = append(rows, row)
	}
	b, err := charmap.Windows1252.NewEncoder().Bytes(table("sep=;\r\n", ';', true, rows))
	if err != nil {
		log.Fatal(err)
	}
	return b
}

// v2 is an outbound log of the Omnidesk v2 API: the request bodies of POST /message and POST /message/chatbot, each with the
// time the log wrote it.
func v2(all []conversation) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	kinds := map[string]string{"email": "1", "chat": "8", "web": "contactform", "phone": "calllog"}
	for i, c := range all {
		if i%7 == 3 {
			m := c.messages[0]
			enc.Encode(map[string]any{"brandID": 1, "subject": c.subject, "message": m.text, "from": c.customer.email, "loggedAt": m.at.Format(time.DateTime)})
			continue
		}
		for _, m := range c.messages {
			if !m.author.agent || m.internal {
				continue
			}
			o := map[string]any{"ticketID": c.id, "type": kinds[c.channel], "toAddress": c.customer.email, "message": m.text, "loggedAt": m.at.Format(time.DateTime),
				"sendAt": m.at.Format(time.DateTime), "userID": m.author.id, "submitStatus": c.status}
			if m.html != "" {
				o["message"], o["plaintext"] = m.html, m.text
			}
			if c.channel == "web" {
				o["toAddress"] = "" // empty for contact forms, says the API's page
			}
			if i%5 == 0 {
				delete(o, "userID")
				o["ccInput"] = "accounts@example.org"
			}
			enc.Encode(o)
		}
	}
	enc.Encode(map[string]any{"ticketID": 1000, "type": "1", "toAddress": "customer001@example.org", "message": "A reminder that is still to come.",
		"loggedAt": "2026-01-05 05:59:00", "sendAt": "2096-01-05 09:00:00", "userID": 1, "submitStatus": "open"})
	return b.Bytes()
}

func table(prefix string, comma rune, crlf bool, rows [][]string) []byte {
	var b bytes.Buffer
	b.WriteString(prefix)
	w := csv.NewWriter(&b)
	w.Comma, w.UseCRLF = comma, crlf
	w.WriteAll(rows)
	return b.Bytes()
}

func yes(v bool) string {
	if v {
		return "yes"
	}
	return "no"
}
