package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/gorgias"
	"github.com/deskferry/deskferry/importer/ledger"
	"github.com/deskferry/deskferry/importer/report"
	"github.com/deskferry/deskferry/mapping"
)

// ferry carries out what is planned in a ledger and accounts for it. Import, retry and demo are ways to plan.
type ferry struct {
	client *gorgias.Client
	ledger *ledger.Ledger
	plans  *ledger.PlanStore
	plan   importer.Plan         // what is run; nil: plans
	sync   *importer.SyncOptions // nil: an import
	std    streams
	told   *teller
	flags  runFlags

	customers     bool // the current plan lists them
	teams, fields bool // the mapping names teams, custom fields
	mail          bool // some message may be an e-mail, though the account at hand does not say so

	watch func(importer.Result) // is told of each step; nil: nobody looks
}

// runFlags are the settings of a run.
type runFlags struct {
	workers, maxMessages, maxBytes int
	perMessage, keepPlan           bool
	window, patience               time.Duration
}

func flagsOfRun(c *cli.Context) runFlags {
	return runFlags{
		workers: c.Int("concurrency"), maxMessages: c.Int("max-messages"), maxBytes: c.Int("max-bytes"),
		perMessage: c.Bool("per-message"), keepPlan: c.Bool("keep-plan"), window: c.Duration("settle-window"), patience: c.Duration("patience"),
	}
}

// load opens what a job is carried over with: the files that go with its messages, and its plan. unload lets go of both.
func (f *ferry) load(ctx context.Context, c *cli.Context, job *importer.Job) (unload func() error, err error) {
	closeFiles, err := openFiles(c, f.client, false)
	if err != nil {
		return nil, err
	}
	name, err := job.PlanName(ctx)
	if err == nil {
		f.plans, err = ledger.OpenPlans(c.String("ledger"), name)
	}
	if err != nil {
		return nil, errors.Join(err, closeFiles())
	}
	return func() error { return errors.Join(f.plans.Close(), closeFiles()) }, nil
}

// carry runs what the ledger has open and puts what came of it into s, also when it ends with an error.
func (f *ferry) carry(stop, abort context.Context, s *importer.Summary) error {
	plan := f.plan
	if plan == nil {
		plan = f.plans
	}
	run := &importer.Run{
		Target: f.client, Finder: f.client, Pacer: f.client.Pacer(), Plan: plan, Ledger: f.ledger, Sync: f.sync,
		Workers: f.flags.workers, PerMessage: f.flags.perMessage, MaxMessages: f.flags.maxMessages, MaxBytes: f.flags.maxBytes,
		SettleWindow: f.flags.window, Patience: f.flags.patience, Abort: abort,
	}
	err := f.meet(stop, s)
	if err == nil {
		err = f.run(stop, run, s)
	}
	err = errors.Join(err, f.keepCustomers(stop))
	if stop.Err() != nil && (err == nil || errors.Is(err, context.Canceled)) {
		err = errInterrupted
	}
	tally, tallied := f.ledger.Tally(context.WithoutCancel(stop))
	if tallied != nil {
		return errors.Join(err, tallied)
	}
	s.Settle(tally)
	f.wired(s)
	s.Lost(unsaid(s.Problems, lossProblems(f.client.Losses.All())))
	return err
}

// wired puts what has left so far into s.
func (f *ferry) wired(s *importer.Summary) {
	wire := f.client.Stats()
	s.Requests.Made = wire.Requests
	s.SendSafety = importer.SendSafety{Messages: wire.Messages, WithSentDatetime: wire.Sent, Sendable: wire.Sendable()}
}

// meet learns who the account's people are, unless nothing is left to be written.
func (f *ferry) meet(ctx context.Context, s *importer.Summary) error {
	if s.Tickets.Pending == 0 && s.Tickets.InDoubt == 0 {
		return nil
	}
	want := gorgias.Wanted{Teams: f.teams, CustomFields: f.fields, Integrations: f.mail || hasMail(s)}
	var broken error
	if f.customers {
		want.Customers = emails(f.plans.Customers(ctx), &broken)
		want.Placeholders = placeholders(f.plans.Customers(ctx))
	}
	if err := f.ledger.Customers(ctx, f.client.Encoder.People.Remember); err != nil {
		return err
	}
	err := f.client.LoadPeople(ctx, want)
	if err = errors.Join(err, broken, f.keepCustomers(ctx)); err != nil {
		return err
	}
	if err := f.standIn(ctx); err != nil {
		return err
	}
	return f.match(ctx, s)
}

// keepCustomers puts what was learned of customers into the ledger, so that a later run need not ask again.
func (f *ferry) keepCustomers(ctx context.Context) error {
	return f.ledger.KeepCustomers(context.WithoutCancel(ctx), f.client.Encoder.People.News())
}

// standIn settles who stands in for agents the account does not have: the user that was named, else the one whose key it is.
func (f *ferry) standIn(ctx context.Context) error {
	e := &f.client.Encoder
	if e.Agent == "" {
		agent, err := f.client.Caller(ctx)
		if err != nil {
			return err
		}
		e.Agent = agent
	}
	if _, known := e.People.User(e.Agent); !known {
		return fmt.Errorf("%s is no user of the account; name one with --fallback-agent", e.Agent)
	}
	return nil
}

func emails(customers iter.Seq2[importer.Customer, error], broken *error) iter.Seq[string] {
	return func(yield func(string) bool) {
		for c, err := range customers {
			if err != nil {
				*broken = err
				return
			}
			if !yield(c.Email) {
				return
			}
		}
	}
}

// placeholders are the customers whose e-mail is made up, with their external ids. What breaks has broken emails before.
func placeholders(customers iter.Seq2[importer.Customer, error]) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for c, err := range customers {
			if err != nil || c.ExternalID != "" && !yield(c.Email, c.ExternalID) {
				return
			}
		}
	}
}

func (f *ferry) run(ctx context.Context, run *importer.Run, s *importer.Summary) error {
	total := s.Tickets.Pending + s.Tickets.InDoubt
	bar := newProgress(f.std.err, "importing", "tickets", total)
	defer bar.done()
	planned := *s
	var done, messages int64
	open := map[importer.Key]importer.Result{} // tickets that ended elsewhere than in done
	err := run.Do(ctx, func(r importer.Result) error {
		s.Take(r)
		if f.watch != nil {
			f.watch(r)
		}
		messages += int64(r.Imported)
		delete(open, r.Key)
		switch r.State {
		case importer.StateDone:
			done++
		case importer.StateHeld, importer.StateRefused, importer.StateDoubt:
			open[r.Key] = r
		}
		note := fmt.Sprintf("%d messages", messages)
		if len(open) > 0 {
			note += fmt.Sprintf(", %d open", len(open))
		}
		if all := planned.Messages.Pending + planned.Messages.InDoubt; all > 0 { // one ticket may have most of the messages
			bar.share = min(1, float64(messages)/float64(all))
		}
		bar.show(done, max(total, done), note)
		f.told.runs("importing", "tickets", done, max(total, done), func() {
			now := planned
			if tally, err := f.ledger.Tally(context.WithoutCancel(ctx)); err == nil { // else as it was: the end tells
				now.Settle(tally)
			}
			f.wired(&now)
			now.Problems = append(openProblems(open), planned.Problems...)
			f.told.Summary = &now
		})
		return nil
	})
	s.Problems = append(openProblems(open), s.Problems...)
	f.told.Summary = s
	return err
}

// openProblems say why tickets are not done.
func openProblems(open map[importer.Key]importer.Result) []importer.ProblemSum {
	hints := map[string]string{
		"ticket.refused":                        "mend the export or the mapping and import again, or retry --rejected",
		"ticket.in_doubt":                       "run the same command again later: it looks for them first",
		"ticket.held." + importer.ReasonFiles:   "retry --reason files asks for the files again; with --files fetch the tickets go without them",
		"ticket.held." + importer.ReasonUnknown: "retry --in-doubt looks for them once more and sends them again",
	}
	sums := map[string]*importer.ProblemSum{}
	for _, key := range slices.Sorted(maps.Keys(open)) {
		r := open[key]
		code := "ticket.refused"
		switch r.State {
		case importer.StateDoubt:
			code = "ticket.in_doubt"
		case importer.StateHeld:
			code = "ticket.held." + r.Reason
		}
		p := sums[code]
		if p == nil {
			p = &importer.ProblemSum{Code: code, Severity: mapping.Error.String(), Hint: cmp.Or(hints[code], "look at it in Gorgias, then retry --reason "+r.Reason)}
			sums[code] = p
		}
		p.Count++
		if len(p.Examples) < 3 {
			p.Examples = append(p.Examples, importer.Example{Origin: "ticket " + string(key), Value: r.Note})
		}
	}
	var out []importer.ProblemSum
	for _, code := range slices.Sorted(maps.Keys(sums)) {
		out = append(out, *sums[code])
	}
	return out
}

// end records in the ledger how the run ended, and drops the plan when nothing is open any more. It returns err.
func (f *ferry) end(s *importer.Summary, err error) error {
	note, counts := "", ""
	if err != nil {
		note = err.Error()
	}
	if s != nil {
		var b bytes.Buffer
		if e := report.Sums(&b, s); e == nil {
			counts = b.String()
		}
	}
	if e := f.ledger.End(context.Background(), counts, note); e != nil {
		err = errors.Join(err, e)
	}
	if s == nil || err != nil || f.flags.keepPlan {
		return err
	}
	open, e := f.open()
	if e == nil && !open {
		e = f.plans.Remove()
	}
	return errors.Join(err, e)
}

// open tells whether any ticket of the ledger still needs its body.
func (f *ferry) open() (bool, error) {
	s, err := f.ledger.Status(context.Background(), 0)
	if err != nil {
		return true, err
	}
	for state, n := range s.States {
		if n > 0 && state != importer.StateDone {
			return true, nil
		}
	}
	return false, nil
}

// fromLedger is the account of what a retry selected, as far as the ledger knows it.
func (f *ferry) fromLedger(ctx context.Context) (*importer.Summary, error) {
	tally, split, err := f.ledger.TallySplit(ctx)
	if err != nil {
		return nil, err
	}
	s := &importer.Summary{Version: importer.SummaryVersion}
	s.Messages.Incoming, s.Messages.Outgoing, s.Messages.Internal = split.Incoming.Total(), split.Outgoing.Total(), split.Internal.Total()
	s.Stand(tally)
	return s, nil
}

// tell prints the account, what the run says of itself, and when to come back.
func (f *ferry) tell(s *importer.Summary, err error) error {
	f.told.Summary = s
	f.told.ended(err)
	told := f.told.tell()
	if next, doubt, e := f.ledger.NextLook(context.Background()); e == nil && doubt && !f.told.json {
		fmt.Fprintf(f.std.err, "deskferry: tickets in doubt are looked for by the next run, after %s\n", next.Local().Format("15:04:05"))
	}
	if err != nil {
		return err
	}
	return told
}

// lastRun is what the ledger's last run said of itself: a retry goes on with its mapping.
func lastRun(ctx context.Context, l *ledger.Ledger) (ledger.RunInfo, error) {
	info, ok, err := l.LastRun(ctx)
	if err != nil {
		return info, err
	}
	if !ok {
		return info, errors.New("nothing to try again: the ledger has no run yet; start with deskferry import")
	}
	info.Version = versionText()
	return info, nil
}

// names tells whether a ticket rule of the mapping sets the field.
func names(m *mapping.Mapping, field string) bool {
	rules := m.File().Tickets
	for i := range rules {
		if rules[i].Field(field) != nil {
			return true
		}
	}
	return false
}

// unsaid leaves out of more what is reported already: a customer whose e-mail is a user's may be known from the export.
func unsaid(said, more []importer.ProblemSum) []importer.ProblemSum {
	known := map[string]bool{}
	for _, p := range said {
		for _, v := range p.Values {
			known[p.Code+"\n"+v.Value] = true
		}
	}
	out := more[:0]
	for _, p := range more {
		if p.Code != gorgias.LossCustomerUser {
			out = append(out, p)
			continue
		}
		p.Values = slices.DeleteFunc(p.Values, func(v importer.ValueSum) bool {
			told := known[p.Code+"\n"+v.Value] || known["agent.is_customer\n"+v.Value]
			if told {
				p.Count -= v.Count
			}
			return told
		})
		if len(p.Values) > 0 {
			out = append(out, p)
		}
	}
	return out
}

// lossProblems are what the account had no place for, as warnings.
func lossProblems(all []gorgias.LossCount) []importer.ProblemSum {
	var out []importer.ProblemSum
	index := map[string]int{}
	for _, l := range all {
		key := l.Code + "\n" + l.Hint // each custom field takes other values
		i, known := index[key]
		if !known {
			i = len(out)
			index[key] = i
			out = append(out, importer.ProblemSum{Code: l.Code, Severity: mapping.Warning.String(), Field: l.Field, Hint: l.Hint})
		}
		p := &out[i]
		p.Count += l.Count
		p.Values = append(p.Values, importer.ValueSum{Value: l.Value, Count: l.Count})
		if len(p.Examples) < 3 {
			p.Examples = append(p.Examples, importer.Example{Origin: "ticket " + string(l.Example), Value: l.Value})
		}
	}
	return out
}
