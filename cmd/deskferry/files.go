package main

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/deskferry/deskferry/importer/files"
	"github.com/deskferry/deskferry/importer/gorgias"
)

// What --files may be.
const (
	fetchFiles   = "fetch"
	linkFiles    = "link"
	requireFiles = "require"
)

// fileFlags say what becomes of attachments.
func fileFlags() []cli.Flag {
	return append([]cli.Flag{
		with(stringFlag("files", "`WHAT` to do with attachments: fetch them and upload them to Gorgias, with a line of text for what cannot be had; require, the same, but "+
			"hold a ticket with a missing file; or link to where they are now"), fetchFiles),
	}, fetchFlags()...)
}

// fetchFlags say how files are fetched.
func fetchFlags() []cli.Flag {
	return []cli.Flag{
		intFlag("files-limit", files.DefaultLimit>>20, "fetch files of at most `N` MiB; Gorgias is sent at most 60"),
		durationFlag("files-timeout", files.DefaultTimeout, "`TIME` for one file"),
		stringsFlag("files-host", "fetch images in texts that lead to this `HOST` too, as old.example.com (repeatable)"),
		stringsFlag("allow-private-files", "fetch from this `HOST`, HOST:PORT or network (10.1.0.0/16) though its address is private, or its port neither 80 nor 443 (repeatable)"),
	}
}

const fileHelp = `FILES:
   DESKFERRY_FILES_AUTH, or DESKFERRY_FILES_AUTH_FILE, the name of a file: one
   line host=Header: value for each header a host of files wants. It goes to
   that host only. See docs/files.md.
`

// fetcherOf makes a fetcher as the flags say.
func fetcherOf(c *cli.Context) (*files.Fetcher, error) {
	limit, timeout := c.Int("files-limit"), c.Duration("files-timeout")
	switch {
	case limit < 1 || limit > 1<<20:
		return nil, usagef("--files-limit %d: it is a number of MiB, at least 1", limit)
	case timeout < time.Second:
		return nil, usagef("--files-timeout %s: it is at least a second", timeout)
	}
	allow, err := files.ParseAllow(c.StringSlice("allow-private-files"))
	if err != nil {
		return nil, usagef("--allow-private-files: %v", err)
	}
	text, err := secret(lookupOf(c), "DESKFERRY_FILES_AUTH")
	if err != nil {
		return nil, err
	}
	auth, err := files.ParseAuth(text)
	if err != nil {
		return nil, usagef("DESKFERRY_FILES_AUTH: %v", err)
	}
	return files.NewFetcher(files.Settings{Limit: int64(limit) << 20, Timeout: timeout, Auth: auth, Allow: allow}), nil
}

// fileHosts are the hosts whose images in texts are files too.
func fileHosts(c *cli.Context) ([]string, error) {
	var hosts []string
	for _, h := range c.StringSlice("files-host") {
		host := files.HostOf("https://" + h)
		if host == "" || strings.ContainsAny(h, "/:@*") {
			return nil, usagef("--files-host %q: it is the name of a host, as old.example.com", h)
		}
		hosts = append(hosts, host)
	}
	return hosts, nil
}

// openFiles gives the client what --files asks for. again asks once more for files that were gone. The returned function
// closes it.
func openFiles(c *cli.Context, client *gorgias.Client, again bool) (func() error, error) {
	nothing := func() error { return nil }
	what, folder := c.String("files"), files.FolderOf(c.String("ledger"))
	hosts, err := fileHosts(c)
	if err != nil {
		return nothing, err
	}
	fetcher, err := fetcherOf(c)
	if err != nil {
		return nothing, err
	}
	switch what {
	case fetchFiles, requireFiles:
	case linkFiles:
		if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
			return nothing, nil
		}
	default:
		return nothing, usagef("--files %q: it is fetch, require or link", what)
	}
	store, err := files.Open(folder)
	if err != nil {
		return nothing, err
	}
	client.Attachments = gorgias.Attachments{
		Keeper: &files.Keeper{Store: store, Fetcher: fetcher, Gone: again}, Fetch: what != linkFiles, Require: what == requireFiles, Hosts: hosts,
	}
	return func() error {
		fetcher.Close()
		return store.Close()
	}, nil
}

// recallFiles lets the client look up what messages were sent with. The returned function closes it.
func recallFiles(c *cli.Context, client *gorgias.Client) (func() error, error) {
	store, err := files.OpenReadOnly(files.FolderOf(c.String("ledger")))
	if err != nil {
		return func() error { return nil }, err
	}
	if store != nil {
		client.Attachments.Keeper = &files.Keeper{Store: store}
	}
	return store.Close, nil
}
