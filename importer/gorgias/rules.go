package gorgias

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// ruleAnswer is a rule of the account. The shape is inferred, so each part is taken in any form.
type ruleAnswer struct {
	Name        text           `json:"name"`
	Events      jsontext.Value `json:"event_types"` // "ticket-created,ticket-updated", or a list
	Code        text           `json:"code"`
	Deactivated text           `json:"deactivated_datetime"`
}

// events are what the rule runs on.
func (r *ruleAnswer) events() []string {
	var list []text
	if r.Events.Kind() == '[' && json.Unmarshal(r.Events, &list) == nil {
		var out []string
		for _, e := range list {
			out = append(out, string(e))
		}
		return out
	}
	var one text
	if len(r.Events) == 0 || json.Unmarshal(r.Events, &one) != nil {
		return nil
	}
	return strings.Split(string(one), ",")
}

// ruleKind is what a rule may do to customers.
type ruleKind uint8

const (
	ruleQuiet   ruleKind = iota // off, runs on other events, or only sorts
	ruleUnclear                 // it cannot be told what it does
	ruleSpeaks                  // it answers, sends, forwards, calls or applies a macro
)

func (r *ruleAnswer) kind() ruleKind {
	if r.Deactivated != "" || !slices.ContainsFunc(r.events(), onCreation) {
		return ruleQuiet
	}
	actions := ruleActions(string(r.Code))
	if len(actions) == 0 {
		return ruleUnclear
	}
	kind := ruleQuiet
	for _, a := range actions {
		kind = max(kind, actionKind(a))
	}
	return kind
}

// ruleActions are the names in Action('NAME', …).
func ruleActions(code string) (out []string) {
	for {
		_, rest, ok := strings.Cut(code, "Action(")
		if !ok {
			return out
		}
		code = rest
		rest = strings.TrimLeft(rest, " \t\r\n")
		if rest == "" || !strings.ContainsRune(`'"`, rune(rest[0])) {
			out = append(out, "") // not written as a name
			continue
		}
		name, _, _ := strings.Cut(rest[1:], rest[:1])
		out = append(out, name)
	}
}

// actionKind judges an action by its name: unless it is known to sort only, it is not trusted.
func actionKind(name string) ruleKind {
	name = strings.ToLower(name)
	for _, word := range []string{"reply", "respon", "send", "mail", "forward", "notif", "http", "macro", "survey", "message"} {
		if strings.Contains(name, word) {
			return ruleSpeaks
		}
	}
	switch name {
	case "addtags", "settags", "removetags", "setstatus", "setpriority", "setassignee", "setteamassignee", "setsubject", "setspam",
		"snoozeticket", "trashticket", "addinternalnote", "setcustomfieldvalue", "excludefromautomerge":
		return ruleQuiet
	}
	return ruleUnclear
}

// rules lists those that would run on imported tickets: GET /rules, where the account answers it.
func (x *exam) rules(ctx context.Context) {
	var status int
	k := call{op: opRead, doing: "listing the account's rules", path: "rules", query: url.Values{"limit": {pageSize}}, status: &status}
	n := 0
	var speaks, unclear []FindingValue
	for r, err := range list[ruleAnswer](ctx, x.c, k, x.c.ask, nil) {
		if err != nil {
			x.hidden("rules", "rules", "rules", status, err)
			return
		}
		n++
		switch r.kind() {
		case ruleSpeaks:
			speaks = append(speaks, FindingValue{Value: string(r.Name)})
		case ruleUnclear:
			unclear = append(unclear, FindingValue{Value: string(r.Name)})
		}
	}
	switch {
	case len(speaks) > 0:
		seen := plural(len(speaks), "rule") + " on new tickets or messages would answer, send or call"
		x.hazard("rules", HazardOn, seen)
		x.add(withValues(Finding{Code: "rules", Level: LevelFail, Seen: seen,
			Do: "switch them off until the import is done: imported messages set them off as new ones do"}, speaks))
	case len(unclear) == 0:
		x.hazard("rules", HazardOff, plural(n, "rule")+", none of which is on and answers new tickets or messages")
		x.ok("rules", "%s; none of those that are on answers new tickets or messages", plural(n, "rule"))
	}
	if len(unclear) > 0 {
		seen := "of " + plural(len(unclear), "rule") + " on new tickets or messages it cannot be told what they do"
		if len(speaks) == 0 {
			x.hazard("rules", HazardUnknown, seen)
		}
		x.add(withValues(Finding{Code: "rules.unclear", Level: LevelWarn, Seen: seen, Do: "open them in Gorgias, and switch off those that answer or send"}, unclear))
	}
}
