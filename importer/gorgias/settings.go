package gorgias

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// What is read here beyond GET /api/account and /api/integrations is not in api/gorgias: paths, names and shapes are
// inferred. So nothing depends on them; what cannot be read, or reads otherwise, is unknown, and a person looks.

// hazards are what acts on new tickets, in the order of the checklist (api/gorgias section 9).
func hazards() []Hazard {
	return []Hazard{
		{Code: "rules", What: "rules that reply, forward or notify on new tickets or messages"},
		{Code: "auto_replies", What: "auto-replies and auto-responders, out-of-hours messages among them"},
		{Code: "surveys", What: "satisfaction surveys, which go out when a ticket is closed", Seen: "not shown with the account"},
		{Code: "http", What: "HTTP integrations and webhooks that react to new tickets or messages"},
		{Code: "auto_merge", What: "auto-merge of tickets", Seen: "not shown with the account"},
		{Code: "auto_split", What: "auto-split of tickets", Seen: "the API does not show it"},
		{Code: "billing", What: "billing", Seen: "whether imported replies count is not documented; ask the account manager"},
	}
}

// hazard notes what was seen of one.
func (x *exam) hazard(code string, s HazardState, seen string) {
	if x.hazards == nil {
		x.hazards = map[string]Hazard{}
	}
	x.hazards[code] = Hazard{State: s, Seen: seen}
}

// checklist puts what was seen beside each hazard.
func (x *exam) checklist() {
	for _, h := range hazards() {
		h.State, h.Seen = HazardUnknown, cmp.Or(h.Seen, "the API does not show them")
		if seen, ok := x.hazards[h.Code]; ok {
			h.State, h.Seen = seen.State, seen.Seen
		}
		x.out.Checklist = append(x.out.Checklist, h)
	}
}

type settingAnswer struct {
	Type text           `json:"type"`
	Data jsontext.Value `json:"data"`
}

// settings reads the account's own: from the account, else from a list of their own.
func (x *exam) settings(ctx context.Context) {
	var all []settingAnswer
	if len(x.account.Settings) > 0 {
		_ = json.Unmarshal(x.account.Settings, &all, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) // unreadable: none
	}
	if !has(all, "satisfaction-surveys") && !has(all, "auto-merge") {
		k := call{op: opRead, doing: "listing the account's settings", path: "account/settings", query: url.Values{"limit": {pageSize}}}
		for s, err := range list[settingAnswer](ctx, x.c, k, x.c.ask, nil) {
			if err != nil {
				break // not shown
			}
			all = append(all, *s)
		}
	}
	for _, s := range all {
		switch s.Type {
		case "satisfaction-surveys":
			x.surveys(s.Data)
		case "auto-merge":
			x.autoMerge(s.Data)
		}
	}
}

func has(all []settingAnswer, kind text) bool {
	return slices.ContainsFunc(all, func(s settingAnswer) bool { return s.Type == kind })
}

// surveys reads {"send_survey_for_email": true, …}.
func (x *exam) surveys(data jsontext.Value) {
	var set map[string]truth
	if json.Unmarshal(data, &set) != nil {
		return
	}
	var on []string
	told := false
	for name, is := range set {
		if kind, ok := strings.CutPrefix(name, "send_survey_for_"); ok {
			told = true
			if is {
				on = append(on, strings.ReplaceAll(oneLine(kind), "_", " "))
			}
		}
	}
	slices.Sort(on)
	switch {
	case len(on) > 0:
		seen := "on, for " + strings.Join(on, ", ")
		x.hazard("surveys", HazardOn, seen)
		x.add(Finding{Code: "surveys", Level: LevelFail, Seen: "satisfaction surveys are " + seen,
			Do: "switch them off until the import is done and a day has passed: imported tickets are closed ones"})
	case told:
		x.hazard("surveys", HazardOff, "off, the account's settings say")
		x.ok("surveys", "satisfaction surveys are off, the account's settings say")
	}
}

// autoMerge reads {"tickets": {"enabled": true, "merging_window_days": 5}}.
func (x *exam) autoMerge(data jsontext.Value) {
	var set struct {
		Tickets struct {
			Enabled jsontext.Value `json:"enabled"`
			Days    number64       `json:"merging_window_days"`
		} `json:"tickets"`
	}
	if json.Unmarshal(data, &set) != nil {
		return
	}
	switch set.Tickets.Enabled.Kind() {
	case 't':
		seen := fmt.Sprintf("on, within %d days", set.Tickets.Days)
		x.hazard("auto_merge", HazardOn, seen)
		x.add(Finding{Code: "auto_merge", Level: LevelWarn, Seen: "auto-merge of tickets is " + seen,
			Do: "switch it off until the import is done: it may put separate conversations of one customer together"})
	case 'f':
		x.hazard("auto_merge", HazardOff, "off, the account's settings say")
		x.ok("auto_merge", "auto-merge of tickets is off, the account's settings say")
	}
}

// integrations lists what is connected: which types, and what is called for new tickets. Only names are told: an address
// of a hook may hold a secret.
func (x *exam) integrations(ctx context.Context) {
	type answer struct {
		Type text `json:"type"`
		Name text `json:"name"`
		HTTP *struct {
			Triggers map[string]truth `json:"triggers"`
		} `json:"http"`
		Deactivated text `json:"deactivated_datetime"`
		Deleted     text `json:"deleted_datetime"`
	}
	var status int
	k := call{op: opRead, doing: "listing the account's integrations", path: "integrations", query: url.Values{"limit": {pageSize}}, status: &status}
	kinds, called, unclear := map[string]int64{}, []FindingValue{}, []FindingValue{}
	hooks := 0
	for i, err := range list[answer](ctx, x.c, k, x.c.insist, nil) {
		if err != nil {
			x.hidden("integrations", "http", "integrations", status, err)
			return
		}
		if i.Deactivated != "" || i.Deleted != "" {
			continue
		}
		kind := strings.ToLower(oneLine(string(i.Type)))
		kinds[kind]++
		if kind != "http" {
			continue
		}
		hooks++
		switch {
		case i.HTTP == nil || i.HTTP.Triggers == nil:
			unclear = append(unclear, FindingValue{Value: string(i.Name)})
		case triggered(maps.All(i.HTTP.Triggers)):
			called = append(called, FindingValue{Value: string(i.Name)})
		}
	}
	x.kinds = map[string]bool{}
	for kind := range kinds {
		x.kinds[kind] = true
	}
	x.add(withValues(Finding{Code: "integrations", Level: LevelOK, Seen: plural(len(kinds), "type") + " of integration connected"}, counted(kinds)))
	switch {
	case len(called)+len(unclear) > 0:
		seen := plural(len(called)+len(unclear), "HTTP integration") + " may be called for each imported ticket"
		x.hazard("http", HazardOn, seen)
		x.add(withValues(Finding{Code: "http", Level: LevelWarn, Seen: seen,
			Do: "look at what they do with a ticket of years ago, and switch off those that write, order or notify"}, append(called, unclear...)))
	case hooks > 0:
		x.hazard("http", HazardUnknown, plural(hooks, "HTTP integration")+", none called for new tickets; webhooks of apps are not shown")
	default:
		x.hazard("http", HazardUnknown, "no HTTP integration; webhooks of apps are not shown")
	}
}

func triggered(triggers func(func(string, truth) bool)) bool {
	for event, on := range triggers {
		if bool(on) && onCreation(event) {
			return true
		}
	}
	return false
}

// onCreation tells the events that an imported ticket causes.
func onCreation(event string) bool {
	event = strings.ReplaceAll(strings.TrimSpace(event), "_", "-")
	return strings.HasSuffix(event, "ticket-created") || strings.HasSuffix(event, "message-created")
}

// hidden notes that something could not be read.
func (x *exam) hidden(code, hazard, what string, status int, err error) {
	why := fmt.Sprintf("the account, asked for its %s, answered %d %s", what, status, strings.ToLower(http.StatusText(status)))
	if status == 0 || status/100 == 2 {
		why = err.Error()
	}
	x.hazard(hazard, HazardUnknown, why)
	if status != http.StatusNotFound { // what does not exist is no finding
		x.add(Finding{Code: code, Level: LevelWarn, Seen: why, Do: "use the key of an admin to have them looked at, or look yourself"})
	}
}
