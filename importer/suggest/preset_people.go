package suggest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/deskferry/deskferry/mapping"
	"github.com/deskferry/deskferry/mapping/profile"
)

// presetPeople asks who works for the company where the preset and the data do not know it of everybody.
func (pl *plan) presetPeople(out *page, r *reading) {
	given := pl.answers[KeyAgents]
	if t := pl.findings.Trial; t == nil || t.Refused != "" {
		if len(given) == 0 && (len(pl.preset.People.Agents) > 0 || pl.directed(r)) {
			return
		}
		var agents page
		pl.agents(&agents, false)
		if agents.live {
			out.line(0, "people:", "")
		}
		out.add(&agents)
		return
	}
	var body page
	if len(given) > 0 {
		body.line(1, "agents: "+words(given), "")
	} else {
		given = pl.markedAgents(&body)
	}
	if strangers, messages := pl.findings.Trial.settled(given); messages > 0 {
		pl.strangers(&body, strangers, messages)
	}
	if body.keys > 0 {
		out.line(0, "people:", "")
	} else if body.lines > 0 {
		out.off(0, "people:", "")
	}
	out.add(&body)
}

// strangers asks about authors of whom nothing tells whose side they are on.
func (pl *plan) strangers(p *page, strangers []profile.Count, messages int64) {
	meanwhile := "rejected"
	if who := pl.preset.People.Unknown; who == "agent" || who == "customer" {
		meanwhile = "counted as the " + who + "'s"
	}
	var named []string
	nameless, numbers := messages, false
	for i, s := range strangers {
		nameless -= s.Count
		numbers = numbers || !strings.Contains(s.Value, "@")
		if i < 5 {
			named = append(named, fmt.Sprintf("%s: %s", shown(s.Value), many(s.Count, "message", "messages")))
		}
	}
	if n := len(strangers) - len(named); n > 0 {
		named = append(named, fmt.Sprintf("and %s more", counted(int64(n))))
	}
	if nameless > 0 {
		named = append(named, many(nameless, "message names nobody", "messages name nobody"))
	}
	found := fmt.Sprintf("%s of authors found nowhere, %s until then (%s)", many(messages, "message", "messages"), meanwhile, strings.Join(named, ", "))
	if len(strangers) > 0 && len(pl.answers[KeyAgents]) == 0 {
		pl.askAgents(p, found, numbers)
	}
	if numbers || nameless > 0 || len(pl.answers[KeyAgents]) > 0 {
		pl.presetUnknown(p, found)
	}
}

func (pl *plan) askAgents(p *page, found string, numbers bool) {
	evidence := []string{found}
	if numbers {
		evidence = append(evidence, "if the export has a file of its users or agents, name it in --from too: it says who is who")
	}
	evidence = append(evidence, pl.findings.evidence()...)
	pl.ask(Question{
		Key: KeyAgents, Title: "Who works for you? Your own addresses and domains (@example.com, or name@example.com; several with commas)",
		Evidence: evidence, Many: true, Check: checkAgent,
	})
	p.note(1, "decide: who works for you? %s", found)
	for _, e := range evidence[1:] {
		p.note(1, "%s", e)
	}
	if p.keys > 0 { // some are listed already
		return
	}
	p.off(1, "agents: "+words(pl.findings.proposal()), "")
}

// presetUnknown asks what authors are whom nothing knows.
func (pl *plan) presetUnknown(p *page, found string) {
	if given := pl.ask(unknownQuestion([]string{found})); given != nil {
		p.line(1, "unknown: "+given[0], "authors whom nothing knows")
		return
	}
	p.note(1, "decide: what are authors whom nothing knows: agent, customer, or reject? %s", found)
	p.off(1, "unknown: reject", "")
}

func unknownQuestion(evidence []string) Question {
	return Question{
		Key: KeyUnknown, Title: "What are authors who are none of your own?", Evidence: evidence,
		Options: []Option{{"customers", "customer"}, {"agents", "agent"}, {"not to be imported until I say so", "reject"}},
	}
}

// presetTimeless asks for a time where messages have none.
func (pl *plan) presetTimeless(out *page) {
	t := pl.findings.Trial
	if t == nil || t.Untimed == 0 {
		return
	}
	missing := many(t.Untimed, "message has no time and is rejected", "messages have no time and are rejected")
	settable := slices.ContainsFunc(pl.preset.Messages, func(r mapping.Rule) bool { return reads(r.Field("sent_datetime"), "$set.sent") })
	q := Question{Key: KeySent, Title: "When were the messages sent that have no time? (such as 2024-05-01T00:00:00Z)", Evidence: []string{missing}, Check: checkTime}
	if !settable {
		q.Title = "When were the messages sent that have no time? They stay out until the export holds it"
		q.Evidence = append(q.Evidence, "mend the export, or leave them out: without a time Gorgias would send them again")
		pl.ask(q)
		out.note(0, "decide: %s; %s", missing, q.Evidence[1])
		return
	}
	if given := pl.ask(q); given != nil {
		out.note(0, "%s unless check and import are given --set sent=%s", missing, given[0])
		return
	}
	out.note(0, "decide: %s; one time for all of them is given to check and import by --set sent=2024-05-01T00:00:00Z", missing)
}

// reads tells whether a value is taken from a field, among others.
func reads(v *mapping.Value, name string) bool {
	if v == nil {
		return false
	}
	return v.Form == mapping.FormPath && strings.TrimSuffix(v.Text, "?") == name || slices.ContainsFunc(v.List, func(k *mapping.Value) bool { return reads(k, name) })
}
