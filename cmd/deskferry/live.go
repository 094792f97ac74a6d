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
	key, err := secret(lookupEnv, omnideskKey)
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
	switch {
	case ctx.Err() != nil && pulled != nil:
		fmt.Fprintf(out, "deskferry: %d tickets fetched into %s; it holds customer texts\n", pulled.Fetched, o.Dir)
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
	say := func(format string, args ...any) { fmt.Fprintf(out, "deskferry: "+format+"\n", args...) }
	say("snapshot of %d tickets in %s: %d fetched, %d unchanged; it holds customer texts: delete it when done", p.Tickets, dir, p.Fetched, p.Unchanged)
	count := func(n int64, format string) {
		if n > 0 {
			say("%d %s", n, format)
		}
	}
	count(p.Refusals, "tickets could not be read; the same command tries them again:")
	for _, r := range p.Refused[:min(len(p.Refused), 5)] {
		say("   ticket %s: %s", r.Ticket, r.Reason)
	}
	count(p.Gone, "tickets of the snapshot are no longer listed: deleted, merged or not to be seen with this key; they stay in it")
	count(p.Vanished, "tickets were gone between list and reading")
	count(int64(p.Missing), "tickets are promised by the lists, and no page of them has them: the key may not see them, or they were archived meanwhile")
	count(p.Nameless, "rows of tickets have no id that can be asked for")
	count(p.Unversed, "tickets are listed without last_update: a new message may not show; delete the snapshot to read all anew")
	count(p.NoTimeline, "tickets came without a timeline, and so without messages")
	count(p.Damaged, "lines of the snapshot were damaged; their tickets were read again")
	count(p.Mended, "answers were not UTF-8; bytes that are no character were replaced")
	count(int64(p.PeopleMissing), "users or customers are promised by the lists, and no page of them has them")
	count(p.Mails, "raw mails kept")
	count(p.MailMissing, "raw mails could not be had")
	count(p.MailUnparsed, "raw mails were kept and not read: unreadable, or too large to stand with their ticket")
	unknown := p.Unknown()
	for _, kind := range slices.Sorted(maps.Keys(unknown)) {
		say("%d timeline entries have the type %q, which is not known; the mapping decides what they are (source.api: types names known ones)", unknown[kind], kind)
	}
}
