package browsertest

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// scenicTickets is how many tickets scenicExport has.
const scenicTickets = 3000

// talk is what is said in a conversation: "c:" by the customer, "a:" by an agent, "n:" in a note.
type talk struct {
	subject string
	says    []string
}

func talks() []talk {
	return []talk{
		{"Rear brake squeals after the service", []string{"c:Hello,\n\nI picked my bike up on Monday and the rear brake squeals louder than before. Is that normal?", "n:Pads were changed in the workshop, job 812. Probably glazed.", "a:<p>Hi,</p><p>sorry about that. New pads need <b>about ten firm stops</b> to bed in:</p><ul><li>ride at 20 km/h</li><li>brake hard, without locking the wheel</li><li>repeat ten times</li></ul><p>If it still squeals, come by without an appointment.</p>", "c:That did it. Thank you!"}},
		{"Where is order 20417?", []string{"c:My order should have been here on Friday. Can you look?", "a:It left us on Thursday. The carrier had a breakdown; it should arrive tomorrow.", "c:It is here, all fine."}},
		{"Rechnung für das Finanzamt", []string{"c:Guten Tag,\n\nkönnten Sie mir die Rechnung bitte noch einmal als PDF schicken?", "a:Sehr gern, sie hängt an dieser Nachricht.", "c:Vielen Dank für die schnelle Hilfe!"}},
		{"Helmet size", []string{"c:Is the Velo M closer to 56 or to 58 cm? 🚲", "a:<p>It fits <b>55 to 58 cm</b>. With long hair take the L.</p>", "c:L it is 👍"}},
		{"هل تشحنون إلى عمّان؟", []string{"c:مرحباً، هل تشحنون الدراجات إلى عمّان؟ وكم تكلفة الشحن؟", "a:Hello! Yes, we ship to Amman within eight days. Shipping is 39 €."}},
		{"Leasing through my employer", []string{"c:My company offers bike leasing. Do you take part, and how does it work?", "n:Ask sales for the current list of partners.", "a:We do, with four partners. I have put the steps into the attached file.", "c:Great. We will order next week.", "a:Perfect. Just mention this conversation."}},
		{"Retour d'un casque", []string{"c:Bonjour, le casque est trop petit. Comment puis-je l'échanger ?", "a:Bonjour, voici votre étiquette de retour. Nous expédions la taille L dès réception."}},
	}
}

// scenicExport is a helpdesk of three years as they are: busy in spring, quiet on Sundays and at night, and not quite clean.
func scenicExport(t *testing.T) string {
	t.Helper()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(5, 2026))
	season := [12]int{5, 6, 10, 14, 16, 15, 12, 10, 9, 7, 6, 8}
	hours := [24]int{1, 0, 0, 0, 0, 1, 2, 5, 9, 13, 14, 13, 10, 11, 12, 12, 11, 9, 7, 6, 6, 5, 3, 2}
	users := []map[string]any{}
	for i, name := range []string{"Ada Keller", "Jonas Wirth", "Mina Sato", "Luc Moreau"} {
		users = append(users, map[string]any{"id": i + 1, "role": "agent", "name": name, "email": strings.ToLower(strings.Fields(name)[0]) + "@acme.test"})
	}
	for i := range 900 {
		u := map[string]any{"id": 100 + i, "role": "customer", "name": fmt.Sprint("Customer ", i+1), "email": fmt.Sprintf("customer%d@example.org", i+1)}
		if i%180 == 7 {
			delete(u, "email")
		}
		users = append(users, u)
	}
	pick := func(weights []int) int {
		sum := 0
		for _, w := range weights {
			sum += w
		}
		n := r.IntN(sum)
		for i, w := range weights {
			if n -= w; n < 0 {
				return i
			}
		}
		return 0
	}
	var tickets []map[string]any
	for i := range scenicTickets {
		said := talks()[pick([]int{30, 34, 16, 14, 3, 9, 8})]
		via := []string{"email", "chat", "web", "phone"}[pick([]int{58, 22, 14, 6})]
		at := time.Date(2021+pick([]int{4, 5, 6}), time.Month(1+pick(season[:])), 1+r.IntN(28), pick(hours[:]), r.IntN(60), r.IntN(60), 0, berlin)
		for at.Weekday() == time.Sunday {
			at = at.AddDate(0, 0, 1)
		}
		customer, agent := 100+r.IntN(900), 1+r.IntN(4)
		ticket := map[string]any{
			"id": 10_000 + i, "subject": said.subject, "via": map[string]any{"channel": via}, "requester_id": customer, "tags": []string{[]string{"workshop", "order", "advice"}[i%3]},
			"status": []string{"solved", "closed", "open", "pending", "new"}[pick([]int{60, 25, 7, 5, 3})], "created_at": at.Format(time.RFC3339), "brand": "Bikeshop", "priority": "normal",
		}
		if i%97 == 0 {
			ticket["status"] = "waiting"
		}
		var comments []map[string]any
		for n := range 1 + pick([]int{9, 14, 20, 13, 7, 4, 2, 1, 1}) {
			who, text, _ := strings.Cut(said.says[min(n, len(said.says)-1)], ":")
			c := map[string]any{"id": 100_000 + i*20 + n, "author_id": agent, "via": map[string]any{"channel": via}, "public": who != "n", "created_at": at.Format(time.RFC3339)}
			if who == "c" {
				c["author_id"] = customer
			}
			if strings.HasPrefix(text, "<") {
				c["html_body"] = text
			} else {
				c["body"] = text
			}
			if strings.Contains(text, "attached") || strings.Contains(text, "PDF") || r.IntN(12) == 0 {
				c["attachments"] = []map[string]any{{"content_url": fmt.Sprintf("https://files.example.org/%d/photo.jpg", n), "file_name": "photo.jpg", "content_type": "image/jpeg", "size": 1500 << pick([]int{2, 3, 4, 6, 9, 12, 14, 13, 12, 9, 6, 3, 2, 1})}}
			}
			if i == 1234 && n == 0 {
				c["created_at"] = "31/02/2022 10:15"
			}
			comments = append(comments, c)
			at = at.Add(time.Duration(10+r.IntN(200)) * time.Minute)
			if at.In(berlin).Hour() >= 19 || at.In(berlin).Hour() < 8 {
				at = time.Date(at.Year(), at.Month(), at.Day()+1, 8+r.IntN(4), r.IntN(60), 0, 0, berlin)
			}
		}
		ticket["comments"] = comments
		tickets = append(tickets, ticket)
	}
	b, err := json.Marshal(map[string]any{"tickets": tickets, "users": users})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
