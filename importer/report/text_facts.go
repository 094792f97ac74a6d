package report

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/deskferry/deskferry/importer"
)

// fewWords are listed of statuses and channels.
const fewWords = 8

// facts tells what the export is like and what the import costs, a line each where possible.
func (w *page) facts(s *importer.Summary, dry bool) {
	m := s.Messages
	w.line("")
	w.fact("messages", "%s incoming, %s outgoing, %s", number(m.Incoming), number(m.Outgoing), plural(m.Internal, "internal note"))
	if s.Span.First != "" {
		w.fact("sent", "%s", days(s.Span))
	}
	w.hours(s)
	w.listed("channels", len(s.Channels), func(i int) string {
		return fmt.Sprintf("%s %s", short(s.Channels[i].Channel, 40), number(s.Channels[i].Messages))
	})
	w.listed("statuses", len(s.Statuses), func(i int) string { return statusText(s.Statuses[i]) })
	w.lengths(s.Lengths)
	w.attachments(s.Attachments)
	w.people(s.People)
	w.kept(s)
	w.cost(s, dry)
	for _, c := range changes(s) {
		w.fact(c.Name, "%s %s", c.Value, c.Note)
	}
}

func (w *page) fact(name, format string, args ...any) {
	w.folded(fmt.Sprintf("%-12s ", name), strings.Repeat(" ", 13), fmt.Sprintf(format, args...))
}

// listed prints the first few of n texts, each on one line.
func (w *page) listed(name string, n int, text func(int) string) {
	var all []string
	for i := range min(n, fewWords) {
		all = append(all, strings.ReplaceAll(text(i), " ", glue))
	}
	if n > fewWords {
		all = append(all, number(int64(n-fewWords))+glue+"more")
	}
	if n > 0 {
		w.fact(name, "%s", strings.Join(all, ", "))
	}
}

// lengths tells how many tickets have how many messages.
func (w *page) lengths(all []importer.LengthSum) {
	var told []string
	for _, l := range all {
		if l.Tickets > 0 {
			told = append(told, strings.ReplaceAll(plural(l.Tickets, "ticket")+" of "+lengthName(l.From, l.To), " ", glue))
		}
	}
	if len(told) == 0 {
		return
	}
	for i := range told[1:] { // tickets are named once
		told[i+1] = strings.Replace(strings.Replace(told[i+1], glue+"tickets", "", 1), glue+"ticket", "", 1)
	}
	noun := "messages"
	if len(told) == 1 && strings.HasSuffix(told[0], glue+"1") {
		noun = "message"
	}
	w.fact("lengths", "%s %s", strings.Join(told, ", "), noun)
}

func statusText(s importer.StatusSum) string {
	from, to := short(s.From, 40), s.To
	if from == to {
		return fmt.Sprintf("%s %s", to, number(s.Tickets))
	}
	return fmt.Sprintf("%s → %s %s", cmp.Or(from, "none"), statusName(to), number(s.Tickets))
}

// hours draws when agents wrote, else when anybody did: a wrong zone is seen at once.
func (w *page) hours(s *importer.Summary) {
	if len(s.Hours) != 24 {
		return
	}
	var agents, all [24]int64
	any := false
	for i, h := range s.Hours {
		agents[i], all[i] = h.Outgoing, h.Incoming+h.Outgoing+h.Internal
		any = any || h.Outgoing > 0
	}
	counts, who := agents, "when agents wrote"
	if !any {
		counts, who = all, "when messages were sent"
	}
	most := int64(0)
	for _, n := range counts {
		most = max(most, n)
	}
	steps := []rune("▁▂▃▄▅▆▇█")
	line := make([]rune, 0, len(counts))
	for _, n := range counts {
		if n == 0 {
			line = append(line, '·')
			continue
		}
		line = append(line, steps[n*int64(len(steps)-1)/most])
	}
	w.fact("hours", "%s %s, %s time", string(line), who, s.Timezone)
}

func (w *page) attachments(a importer.AttachmentSums) {
	if a.Files == 0 {
		return
	}
	w.fact("attachments", "%s", filesTold(a))
}

func (w *page) people(p importer.PeopleSums) {
	if p.Customers > 0 {
		text := number(p.Customers)
		if p.Asked {
			text += fmt.Sprintf(", %s known to the account before", number(p.Known))
		}
		if p.Placeholders > 0 {
			text += fmt.Sprintf(", %s with an e-mail that was made up", number(p.Placeholders))
		}
		w.fact("customers", "%s", text)
	}
	if p.Agents+p.Unknown > 0 {
		text := number(p.Agents)
		switch {
		case p.Asked && p.Fallback > 0:
			text += fmt.Sprintf(", %s of them in the account; the fallback agent stands in for %s", number(p.Matched), number(p.Fallback))
		case p.Asked:
			text += ", all of them in the account"
		case p.Nameless > 0:
			text += fmt.Sprintf(", %s of them without an e-mail: the fallback agent stands in", number(p.Nameless))
		}
		if p.Unknown > 0 {
			text += "; " + plural(p.Unknown, "unknown author")
		}
		w.fact("agents", "%s", text)
	}
}

func (w *page) kept(s *importer.Summary) {
	if len(s.Kept) == 0 {
		return
	}
	text := fmt.Sprintf("%s kept, %s without a place", number(int64(len(s.Kept))), number(int64(len(s.Fields))))
	var changed int64
	for _, c := range s.Changed {
		changed += c.Count
	}
	if changed > 0 {
		text += ", " + plural(changed, "value") + " changed on the way"
	}
	w.fact("fields", "%s", text)
}

func (w *page) cost(s *importer.Summary, dry bool) {
	q := s.Requests
	if q.Planned > 0 {
		text := fmt.Sprintf("%s planned: %s, %s, %s, %s", number(q.Planned), plural(q.Creates, "create"), plural(q.Appends, "append"), plural(q.Lookups, "look-up"), plural(q.Probes, "probe"))
		if q.Updates > 0 {
			text += ", " + plural(q.Updates, "update")
		}
		if q.Uploads > 0 {
			text += ", " + plural(q.Uploads, "upload")
		}
		if q.UploadBytes > 0 {
			text += " of " + size(q.UploadBytes)
		}
		w.fact("requests", "%s; %s at the quota", text, hours(q.HoursAtQuota))
	}
	if !dry {
		w.fact("made", "%s", plural(q.Made, "request"))
	}
	if q.Billable > 0 {
		w.fact("may bill", "%s that an agent answered; if imports count is not known", plural(q.Billable, "ticket"))
	}
}
