package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/mapping"
	"github.com/deskferry/deskferry/sources"
	"github.com/deskferry/deskferry/sources/omnidesk"
)

const omnideskKey = "DESKFERRY_OMNIDESK_KEY"

// isLive tells whether a --from is the address of an API.
func isLive(from string) bool {
	scheme, _, ok := strings.Cut(strings.ToLower(from), "://")
	return ok && (scheme == "http" || scheme == "https")
}

// pullLive brings the snapshot of each API among from up to date and puts its files in the API's place. settings are the
// source.api of the mapping called name.
func pullLive(c *cli.Context, std streams, from []string, name string, settings []mapping.Setting) ([]string, error) {
	live := slices.Compact(slices.Sorted(slices.Values(slices.DeleteFunc(slices.Clone(from), func(f string) bool { return !isLive(f) }))))
	if len(live) == 0 {
		if c.IsSet("snapshot") {
			return nil, usagef("--snapshot is for reading from an API, and --from names none")
		}
		return from, nil
	}
	if len(live) > 1 && c.String("snapshot") != "" {
		return nil, usagef("--snapshot names one folder, and --from two APIs: leave it out, each has its own then")
	}
	parsed, err := liveSettings(name, settings)
	if err != nil {
		return nil, err
	}
	key, err := secret(lookupOf(c), omnideskKey)
	if err != nil {
		return nil, err
	}
	if key == "" {
		return nil, usagef("no key for Omnidesk: set %s, or %s_FILE to the name of a file that holds it\n"+
			"hint: an administrator makes one in Omnidesk; it needs the permission TICKET_READ, and for names and addresses those to read users and customers", omnideskKey, omnideskKey)
	}
	ctx, stop := interruptible(c.Context)
	defer stop()
	files := map[string][]string{}
	for _, address := range live {
		o := omnidesk.Options{Base: address, Key: omnidesk.NewSecret(key), Settings: parsed, Dir: c.String("snapshot"), Patience: c.Duration("patience"), Mail: sources.MailJSON}
		if hasFlag(c.Command, "max-shrink") { // a sync: what is gone from the lists is gone from the source
			o.Forget = true
			if !c.Bool("accept-shrink") {
				o.MostGone = c.Int("max-shrink")
			}
		}
		if files[address], err = pullOne(ctx, std.err, o); err != nil {
			return nil, err
		}
	}
	var all []string
	for _, f := range from {
		if isLive(f) {
			all = append(all, files[f]...)
			continue
		}
		all = append(all, f)
	}
	return all, nil
}

func liveSettings(name string, settings []mapping.Setting) (omnidesk.Settings, error) {
	s, err := omnidesk.ParseSettings(func(yield func(string, string) bool) {
		for _, set := range settings {
			if !yield(set.Name, set.Value) {
				return
			}
		}
	})
	var wrong *omnidesk.SettingError
	if errors.As(err, &wrong) {
		for _, set := range settings {
			if set.Name == wrong.Name && set.Pos.File != "" {
				return s, fmt.Errorf("%v: %w", set.Pos, err)
			}
		}
		return s, fmt.Errorf("%s: %w", name, err)
	}
	return s, err
}

// pullOne pulls one API and tells what came of it.
func pullOne(ctx context.Context, out io.Writer, o omnidesk.Options) ([]string, error) {
	if o.Dir == "" {
		base, err := omnidesk.ParseBase(o.Base)
		if err != nil {
			return nil, err
		}
		o.Dir = snapshotFolder(base)
	}
	bar := newProgress(out, "listing", "rows", 0)
	at := omnidesk.PhaseListing
	o.Progress = func(p omnidesk.Progress) {
		if p.Phase != at {
			bar.done()
			at = p.Phase
			bar = newProgress(out, "fetching", "tickets", p.Total)
		}
		note := ""
		if p.Retries > 0 {
			note = fmt.Sprintf("%d retries", p.Retries)
		}
		bar.show(p.Done, p.Total, note)
	}
	pulled, err := omnidesk.Pull(ctx, o)
	bar.done()
	var gone *omnidesk.GoneError
	switch {
	case errors.As(err, &gone):
		return nil, &importer.ShrinkError{Known: gone.Known, Missing: gone.Gone, Percent: gone.Percent}
	case ctx.Err() != nil && pulled != nil:
		fmt.Fprintf(out, "deskferry: %s fetched into %s; it holds customer texts\n", count(int64(pulled.Fetched), "ticket"), o.Dir)
		return nil, errInterrupted
	case ctx.Err() != nil:
		return nil, errInterrupted
	case err != nil && pulled != nil:
		return nil, fmt.Errorf("%w\nhint: what was fetched is in %s; the same command goes on from there", err, o.Dir)
	case err != nil:
		return nil, err
	}
	tellPulled(out, o.Dir, pulled)
	if len(pulled.Files) == 0 {
		return nil, fmt.Errorf("%s has no tickets, users or customers that this key may see: check the key's permissions, and view, query and status in source.api", o.Base)
	}
	return pulled.Files, nil
}

// snapshotFolder is where an API's snapshot is unless --snapshot says so.
func snapshotFolder(base *url.URL) string {
	return strings.NewReplacer(":", "-", "[", "", "]", "").Replace(base.Host) + ".snapshot"
}

// tellPulled says what is in a snapshot, and what is not.
func tellPulled(out io.Writer, dir string, p *omnidesk.Pulled) {
	say := func(format string, args ...any) {
		fmt.Fprint(out, folded(out, fmt.Sprintf("deskferry: "+format+"\n", args...)))
	}
	say("snapshot of %s in %s: %d fetched, %d unchanged; it holds customer texts: delete it when done", count(int64(p.Tickets), "ticket"), dir, p.Fetched, p.Unchanged)
	some := func(n int64, one, many, rest string) {
		if n > 0 {
			say("%s%s", amounts([]amount{{n, one, many}}), rest)
		}
	}
	some(p.Refusals, "ticket", "tickets", " could not be read; the same command tries again:")
	for _, r := range p.Refused[:min(len(p.Refused), 5)] {
		say("   ticket %s: %s", r.Ticket, r.Reason)
	}
	where := "still there"
	if p.Forgotten {
		where = "taken out of it"
	}
	some(p.Gone, "ticket", "tickets", " of the snapshot no longer listed, and "+where+": deleted, merged or not to be seen with this key")
	some(p.Vanished, "ticket", "tickets", " gone between list and reading")
	some(int64(p.Missing), "ticket is", "tickets are", " promised by the lists and on no page of them: not to be seen with this key, or archived meanwhile")
	some(p.Nameless, "row has", "rows have", " no ticket id that can be asked for")
	some(p.Unversed, "ticket is", "tickets are", " listed without last_update: a new message may not show; delete the snapshot to read all anew")
	some(p.NoTimeline, "ticket", "tickets", " came without a timeline, and so without messages")
	some(p.Damaged, "line", "lines", " of the snapshot damaged; what stood there was read again")
	some(p.Mended, "answer was", "answers were", " not UTF-8; bytes that are no character were replaced")
	some(int64(p.PeopleMissing), "user or customer is", "users or customers are", " promised by the lists and on no page of them")
	some(p.Mails, "raw mail", "raw mails", " kept")
	some(p.MailMissing, "raw mail", "raw mails", " could not be had")
	some(p.MailUnparsed, "raw mail", "raw mails", " kept and not read: unreadable, or too large to stand with the ticket")
	unknown := p.Unknown()
	for _, kind := range slices.Sorted(maps.Keys(unknown)) {
		some(unknown[kind], "timeline entry", "timeline entries", fmt.Sprintf(" of the type %q, which is not known; the mapping decides what becomes of it (source.api: types names known ones)", kind))
	}
}
