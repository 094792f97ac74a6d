package gorgias

import (
	"cmp"
	"context"
	"fmt"
	"hash/maphash"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/deskferry/deskferry/importer"
)

// What is remembered of an export at most: enough to say what is missing, whatever its size.
const (
	maxHeldCustomers = 10_000
	maxHeldTags      = 10_000
	maxChannels      = 100
)

// needs are what an export wants of the account.
type needs struct {
	tickets, failed int64
	why             map[string]int64 // of failed, a few
	losses          Losses
	tags            map[string]int64
	channels        map[string]int64    // messages of each that are no notes
	customers       map[string]struct{} // some e-mails
	authors, teams  int64               // messages of agents, tickets with a team
	assigned        int64
	fields, mails   int64 // values of custom fields, e-mails
}

// export encodes every ticket as the import would, and tells what the account has no place for.
func (x *exam) export(ctx context.Context, e *Export) error {
	if !x.load(ctx) || !x.fallback() {
		return ctx.Err()
	}
	n := needs{why: map[string]int64{}, tags: map[string]int64{}, channels: map[string]int64{}, customers: map[string]struct{}{}}
	for w, err := range e.Tickets {
		if err != nil {
			return err
		}
		n.take(x.c.Encoder, w)
	}
	x.lost(&n)
	x.tags(ctx, &n)
	x.customers(ctx, &n, e.Summary)
	x.channels(&n)
	x.rejected(e.Summary)
	x.cost(e.Summary)
	return ctx.Err()
}

// rejected says what of the export an import leaves behind.
func (x *exam) rejected(s *importer.Summary) {
	if s == nil || s.Tickets.Rejected+s.Tickets.Held == 0 {
		return
	}
	x.add(Finding{Code: "export", Level: LevelWarn, Seen: fmt.Sprintf("%d tickets of the export are rejected or held as they are, %d records are at fault", s.Tickets.Rejected+s.Tickets.Held, s.Records.Rejected),
		Do: "deskferry check says why"})
}

// load learns what an import learns of the account. What cannot be listed is left out, and told.
func (x *exam) load(ctx context.Context) bool {
	all := Wanted{Teams: true, CustomFields: true, Integrations: true}
	if x.c.LoadPeople(ctx, all) == nil {
		return true
	}
	var can Wanted
	for _, l := range []struct {
		code string
		one  Wanted
		on   *bool
	}{
		{"teams", Wanted{Teams: true}, &can.Teams},
		{"custom_fields", Wanted{CustomFields: true}, &can.CustomFields},
		{"mailboxes", Wanted{Integrations: true}, &can.Integrations},
	} {
		if err := x.c.LoadPeople(ctx, l.one); err != nil {
			do := "use the key of an admin: an import that needs them stops here"
			if l.one.Integrations && len(x.c.Encoder.Mailboxes) > 0 {
				do = "name mailboxes of the account with --integration, or use the key of an admin: an import stops here"
			}
			x.add(Finding{Code: l.code, Level: LevelFail, Seen: err.Error(), Do: do})
			continue
		}
		*l.on = true
	}
	if err := x.c.LoadPeople(ctx, can); err != nil {
		x.add(Finding{Code: "users", Level: LevelFail, Seen: err.Error(), Do: "use the key of an admin: an import finds the authors among the users"})
		return false
	}
	return true
}

// fallback settles who stands in for agents the account does not have, as an import does.
func (x *exam) fallback() bool {
	e := &x.c.Encoder
	named := e.Agent != ""
	e.Agent = cmp.Or(e.Agent, x.caller)
	who := oneLine(e.Agent)
	_, known := e.People.User(e.Agent)
	switch {
	case e.Agent == "":
		x.add(Finding{Code: "fallback", Level: LevelFail, Seen: "nobody stands in for agents that the account does not have", Do: "name a user with --fallback-agent"})
	case !known:
		x.add(Finding{Code: "fallback", Level: LevelFail, Seen: who + " is no user of the account", Do: "name one with --fallback-agent"})
	case named:
		x.ok("fallback", "%s stands in for agents that the account does not have", who)
	default:
		x.ok("fallback", "%s, whose key it is, stands in for agents that the account does not have; --fallback-agent names another", who)
	}
	return known
}

// take encodes a ticket and counts what it names.
func (n *needs) take(e Encoder, w *importer.Work) {
	n.tickets++
	t := &w.Ticket
	sent, losses, err := e.Ticket(w)
	if err != nil {
		n.failed++
		if len(n.why) < maxFindingValues {
			n.why[oneLine(err.Error())]++
		}
		return
	}
	n.losses.add(w.Key, losses)
	if !t.AssigneeUser.IsZero() {
		n.assigned++
	}
	if t.AssigneeTeam != "" {
		n.teams++
	}
	n.fields += int64(len(t.CustomFields))
	for _, tag := range sent.Tags {
		count(n.tags, tag.Name, maxHeldTags)
	}
	n.customer(t.Customer.Email)
	for i := range t.Messages {
		m := &t.Messages[i]
		if m.FromAgent || !m.Public {
			n.authors++
		} else {
			n.customer(m.Author.Email)
		}
		if m.Public {
			count(n.channels, sent.Messages[i].Channel, maxChannels)
			if m.Channel == "email" {
				n.mails++
			}
		}
	}
}

// count counts a name; of new ones only as many as most.
func count(m map[string]int64, name string, most int) {
	if _, known := m[name]; known || len(m) < most {
		m[name]++
	}
}

func (n *needs) customer(email string) {
	if email = strings.ToLower(strings.TrimSpace(email)); email != "" && len(n.customers) < maxHeldCustomers {
		n.customers[email] = struct{}{}
	}
}

// lost tells what would be kept in meta for want of a place.
func (x *exam) lost(n *needs) {
	if n.failed > 0 {
		x.add(withValues(Finding{Code: "encode", Level: LevelFail, Seen: fmt.Sprintf("%s of %d cannot be made into a request", plural(n.failed, "ticket"), n.tickets),
			Do: "mend the export or the mapping: deskferry check lists them"}, counted(n.why)))
	}
	byCode := map[string][]LossCount{}
	for _, l := range n.losses.All() {
		byCode[l.Code] = append(byCode[l.Code], l)
	}
	for _, k := range []struct {
		code, good, bad, noun, unit string
		wanted                      int64
	}{
		{LossAgent, "all agents who wrote are users of the account", "no user of the account", "author", "message", n.authors},
		{LossAssignee, "all assignees are users of the account", "no user of the account", "assignee", "ticket", n.assigned},
		{LossTeam, "the account has all teams", "no team of the account", "team", "ticket", n.teams},
		{LossCustomField, "the account has all ticket fields", "no ticket field of the account", "name", "value", n.fields},
		{LossCustomFieldValue, "the ticket fields take all values", "not taken by their ticket field", "value", "ticket", n.fields},
		{LossCustomerUser, "", "customers whose e-mail is a user's of the account", "customer", "ticket", 0},
		{LossIntegration, "all e-mails belong to a mailbox of the account", "no mailbox of the account", "address", "e-mail", n.mails},
	} {
		list := byCode[k.code]
		delete(byCode, k.code)
		switch {
		case len(list) > 0:
			x.loss(k.code, k.bad, k.noun, k.unit, list)
		case k.wanted > 0 && n.failed < n.tickets:
			x.ok(k.code, "%s", k.good)
		}
	}
	delete(byCode, LossAddressless) // so it is for every account: check counts them
	for _, code := range slices.Sorted(maps.Keys(byCode)) {
		x.loss(code, "no place in the account, so kept in meta", "value", "time", byCode[code])
	}
}

// loss says "no user of the account: 3 authors, 812 messages".
func (x *exam) loss(code, bad, noun, unit string, list []LossCount) {
	var total int64
	values := make([]FindingValue, len(list))
	for i, l := range list {
		total += l.Count
		values[i] = FindingValue{cmp.Or(l.Value, "others"), l.Count}
	}
	x.add(withValues(Finding{Code: code, Level: LevelWarn, Seen: bad + ": " + plural(len(list), noun) + ", " + plural(total, unit), Do: list[0].Hint}, values))
}

// What is read at most to compare tags and customers: a doctor does not sweep an account.
const (
	mostTagPages      = 50
	mostCustomerPages = 10
	customerSamples   = 20
)

// tags counts those that the import would make.
func (x *exam) tags(ctx context.Context, n *needs) {
	if len(n.tags) == 0 {
		return
	}
	fresh, pages := maps.Clone(n.tags), 0
	k := call{op: opRead, doing: "listing the account's tags", path: "tags", query: url.Values{"limit": {pageSize}}}
	for t, err := range list[heldTag](ctx, x.c, k, x.c.insist, atMost(&pages, mostTagPages)) {
		if err == errEnough {
			x.ok("tags", "%s in the export; the account has more than %d, so they were not all compared", plural(len(n.tags), "tag"), mostTagPages*100)
			return
		}
		if err != nil {
			x.add(Finding{Code: "tags", Level: LevelWarn, Seen: err.Error(), Do: "the import makes the tags that are missing; whether it may is not known"})
			return
		}
		delete(fresh, string(t.Name))
	}
	if len(fresh) == 0 {
		x.ok("tags", "the account has all %s of the export", plural(len(n.tags), "tag"))
		return
	}
	x.add(withValues(Finding{Code: "tags", Level: LevelOK, Seen: fmt.Sprintf("%d of %s are new to the account; the import makes them", len(fresh), plural(len(n.tags), "tag"))}, counted(fresh)))
}

func atMost(pages *int, most int) func() error {
	return func() error {
		if *pages++; *pages > most {
			return errEnough
		}
		return nil
	}
}

// customers tells how many of the export's the account has: counted where its list is short, else estimated from a few.
func (x *exam) customers(ctx context.Context, n *needs, s *importer.Summary) {
	held := len(n.customers)
	if held == 0 {
		return
	}
	total := int64(held)
	if s != nil {
		total = max(total, s.People.Customers)
	}
	known, pages := map[string]struct{}{}, 0
	k := call{op: opRead, doing: "listing the account's customers", path: "customers", query: url.Values{"limit": {pageSize}}}
	for a, err := range list[customerAnswer](ctx, x.c, k, x.c.insist, atMost(&pages, mostCustomerPages)) {
		if err == errEnough {
			x.sample(ctx, n, total)
			return
		}
		if err != nil {
			x.add(Finding{Code: "customers", Level: LevelFail, Seen: err.Error(), Do: "use the key of an admin: an import looks customers up"})
			return
		}
		for email := range a.emails {
			if _, wanted := n.customers[email]; wanted {
				known[email] = struct{}{}
			}
		}
	}
	if total > int64(held) {
		x.ok("customers", "%s in the export; of %d that were compared the account has %d", plural(total, "customer"), held, len(known))
		return
	}
	x.ok("customers", "%s in the export; the account has %d of them, the import makes the others", plural(total, "customer"), len(known))
}

// sample looks up a few customers, chosen by a hash so that no order of the export counts.
func (x *exam) sample(ctx context.Context, n *needs, total int64) {
	emails := slices.Collect(maps.Keys(n.customers))
	seed := maphash.MakeSeed()
	slices.SortFunc(emails, func(a, b string) int { return cmp.Compare(maphash.String(seed, a), maphash.String(seed, b)) })
	emails = emails[:min(len(emails), customerSamples)]
	found := 0
	for _, email := range emails {
		var p page[customerAnswer]
		k := call{op: opRead, doing: "looking up a customer", path: "customers", query: url.Values{"email": {email}, "limit": {pageSize}}, out: &p}
		if err := x.c.insist(ctx, k); err != nil {
			x.add(Finding{Code: "customers", Level: LevelFail, Seen: err.Error(), Do: "use the key of an admin: an import looks customers up"})
			return
		}
		for i := range p.Data {
			if slices.Contains(slices.Collect(p.Data[i].emails), email) {
				found++
				break
			}
		}
	}
	x.ok("customers", "%s in the export; of %d that were looked up the account has %d, so about %d in all",
		plural(total, "customer"), len(emails), found, total*int64(found)/int64(len(emails)))
}

// channelKinds are the types of integration that carry a channel; nil for channels that need none. The names of the
// types are inferred.
func channelKinds(channel string) []string {
	switch channel {
	case "email":
		return []string{"email", "gmail", "outlook"}
	case "chat":
		return []string{"gorgias_chat", "chat", "smooch_inside", "smooch"}
	case "phone":
		return []string{"phone", "twilio", "aircall"}
	case "aircall":
		return []string{"aircall"}
	case "sms", "whatsapp":
		return []string{channel}
	case "yotpo-review":
		return []string{"yotpo"}
	}
	kind, _, _ := strings.Cut(channel, "-")
	switch kind {
	case "facebook", "instagram":
		return []string{"facebook", "instagram"}
	case "twitter":
		return []string{"twitter"}
	}
	return nil
}

// channels tells which of the export's channels nothing in the account carries.
func (x *exam) channels(n *needs) {
	if x.kinds == nil || len(n.channels) == 0 {
		return
	}
	missing := map[string]int64{}
	for channel, messages := range n.channels {
		if kinds := channelKinds(channel); kinds != nil && !slices.ContainsFunc(kinds, func(k string) bool { return x.kinds[k] }) {
			missing[channel] = messages
		}
	}
	if len(missing) == 0 {
		x.ok("channels", "the account has an integration for each of the %s that needs one", plural(len(n.channels), "channel"))
		return
	}
	x.add(withValues(Finding{Code: "channels", Level: LevelWarn, Seen: plural(len(missing), "channel") + " of the export with no integration in the account: messages are kept, but agents cannot go on replying there",
		Do: "connect one first, or import as it is"}, counted(missing)))
}

// cost says how long the import takes at the limit that was met.
func (x *exam) cost(s *importer.Summary) {
	limit := x.c.pacer.Status()
	if s == nil || limit.Limit == 0 {
		return
	}
	hours := float64(s.Requests.Planned) / (limit.Limit / limit.Window.Seconds()) / 3600
	took := fmt.Sprintf("%.1f hours", hours)
	if hours < 1 {
		took = plural(int64(hours*60)+1, "minute")
	}
	x.ok("duration", "%s for %s: about %s at the account's limit", plural(s.Requests.Planned, "request"), plural(s.Tickets.Pending, "ticket"), took)
}
