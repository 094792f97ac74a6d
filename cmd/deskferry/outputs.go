package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/deskferry/deskferry/importer/files"
	"github.com/deskferry/deskferry/sources/omnidesk"
)

// output is a file that a command is told to write.
type output struct{ flag, path string }

func (o output) String() string { return "--" + o.flag + " " + o.path }

// cannot is an output that the system does not let be written.
func (o output) cannot(err error) error {
	return fmt.Errorf("%s cannot be written: %w", o, cause(err))
}

// outputsOf are the files that a command line names to be written. Standard streams are none.
func outputsOf(c *cli.Context) []output {
	var all []output
	for _, path := range c.StringSlice("report") {
		all = append(all, output{"report", path})
	}
	for _, flag := range []string{"rejects", "out", "metrics", "log"} {
		if hasFlag(c.Command, flag) {
			all = append(all, output{flag, c.String(flag)})
		}
	}
	return slices.DeleteFunc(all, func(o output) bool { return o.path == "" || o.path == "-" })
}

// checkOutputs refuses a file that would take the place of one the command reads or keeps, that the next run would read as input,
// or that cannot be written: all before anything is read or asked.
func checkOutputs(c *cli.Context) error {
	outputs := outputsOf(c)
	if len(outputs) == 0 {
		return nil
	}
	kept := keptFiles(c)
	for i, o := range outputs {
		for _, k := range kept {
			if samePath(o.path, k.path) {
				return usagef("%s is an input too (%s); name another file", o, k.what)
			}
		}
		for _, other := range outputs[:i] {
			if samePath(o.path, other.path) {
				return usagef("%s and %s are one file; name two", other, o)
			}
		}
		if err := errors.Join(o.within(c), o.writable()); err != nil {
			return err
		}
	}
	return nil
}

// keptFile is a file that no output may replace, and what it is.
type keptFile struct{ path, what string }

// keptFiles are what a command line reads or keeps, whether it is there yet or not. Of --from only files are among them.
func keptFiles(c *cli.Context) []keptFile {
	var all []keptFile
	add := func(path, what string) {
		if path != "" {
			all = append(all, keptFile{path, what})
		}
	}
	for _, from := range fromFiles(c) {
		add(from, "--from")
	}
	for _, flag := range []string{"mapping", "people", "job", "state"} {
		if flag != "people" || c.Command.Name != "people" { // which writes its own people anew
			add(flagText(c, flag), "--"+flag)
		}
	}
	if ledger := flagText(c, "ledger"); ledger != "" {
		for _, ending := range []string{"", "-wal", "-shm", "-journal", ".lock"} {
			add(ledger+ending, "the ledger")
		}
		add(outcomeFile(ledger), "what a sync remembers")
	}
	if dir := flagText(c, "dir"); c.Command.Name == "demo" {
		for _, name := range demoFiles {
			add(filepath.Join(dir, name), "a file of the demo")
		}
	}
	for _, k := range secretFiles(c) {
		add(k.path, k.what)
	}
	return all
}

// flagText is the value of a flag that the command may not have.
func flagText(c *cli.Context, flag string) string {
	if !hasFlag(c.Command, flag) {
		return ""
	}
	return c.String(flag)
}

// fromFiles are the files that --from names one by one or as a pattern.
func fromFiles(c *cli.Context) []string {
	var all []string
	for _, from := range c.StringSlice("from") {
		if from == "-" || isLive(from) {
			continue
		}
		all = append(all, from)
		if found, err := filepath.Glob(from); err == nil {
			all = append(all, found...)
		}
	}
	return all
}

// secretFiles are the files that hold secrets, as the environment and the job file name them.
func secretFiles(c *cli.Context) []keptFile {
	var all []keptFile
	for _, set := range os.Environ() {
		if name, path, _ := strings.Cut(set, "="); strings.HasPrefix(name, "DESKFERRY_") && strings.HasSuffix(name, "_FILE") {
			all = append(all, keptFile{path, name})
		}
	}
	if j := jobOf(c); j != nil {
		for name, path := range j.lookup {
			if strings.HasSuffix(name, "_FILE") {
				all = append(all, keptFile{path, name})
			}
		}
	}
	return all
}

// within refuses an output in a folder that is read: the next run would take it for a part of the export.
func (o output) within(c *cli.Context) error {
	if o.flag == "log" || o.flag == "metrics" {
		return nil // no ending of an export
	}
	for _, from := range c.StringSlice("from") {
		if from == "-" || isLive(from) {
			continue
		}
		matches, err := filepath.Match(from, o.path)
		if err == nil && matches {
			return usagef("%s matches --from %s, so the next run would read it\nhint: put it elsewhere", o, from)
		}
		folders, _ := filepath.Glob(from)
		for _, folder := range append(folders, from) {
			if inFolder(folder, o.path) {
				return usagef("%s is in a folder that --from reads, so the next run would read it too\nhint: put it elsewhere", o)
			}
		}
	}
	for _, folder := range ownFolders(c) {
		if inFolder(folder, o.path) {
			return usagef("%s is in a folder of deskferry's own, %s\nhint: put it elsewhere", o, folder)
		}
	}
	return nil
}

// ownFolders are those that a command keeps: snapshots of APIs, and the files beside a ledger.
func ownFolders(c *cli.Context) []string {
	var all []string
	if folder := flagText(c, "snapshot"); folder != "" {
		all = append(all, folder)
	}
	for _, from := range c.StringSlice("from") {
		if base, err := omnidesk.ParseBase(from); isLive(from) && err == nil {
			all = append(all, snapshotFolder(base))
		}
	}
	if ledger := flagText(c, "ledger"); ledger != "" {
		all = append(all, files.FolderOf(ledger))
	}
	return all
}

// writable tries whether a new file can take the output's place. A log is opened at once, and says it itself.
func (o output) writable() error {
	if o.flag == "log" {
		return nil
	}
	info, err := os.Stat(o.path)
	switch {
	case err == nil && info.IsDir():
		return fmt.Errorf("%s is a folder; name a file in it", o)
	case err == nil && !info.Mode().IsRegular() && o.flag == "out":
		return nil // written to as it is
	case err == nil && !info.Mode().IsRegular():
		return fmt.Errorf("%s is not a regular file", o)
	case err == nil && isDatabase(o.path):
		return usagef("%s is a database, perhaps a ledger; name another file", o)
	}
	f, err := os.CreateTemp(filepath.Dir(o.path), ".deskferry-*")
	if err != nil {
		return o.cannot(err)
	}
	if err := errors.Join(f.Close(), os.Remove(f.Name())); err != nil {
		return o.cannot(err)
	}
	return nil
}

// isDatabase tells whether a file is one of SQLite's.
func isDatabase(path string) bool {
	const magic = "SQLite format 3\x00"
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	b := make([]byte, len(magic))
	n, _ := io.ReadFull(f, b)
	return string(b[:n]) == magic
}

// cause is an error of the file system without the path it names, which may be a temporary file's.
func cause(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}

// samePath tells whether two paths are of one file, also where it is not there yet.
func samePath(a, b string) bool { return sameFile(a, b) || realPath(a) == realPath(b) }

// inFolder tells whether path is below folder, however both are written.
func inFolder(folder, path string) bool {
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return false
	}
	rel, err := filepath.Rel(realPath(folder), realPath(path))
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// realPath is where a path leads, as far as it is there.
func realPath(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	dir, base := filepath.Split(path)
	if real, err := filepath.EvalSymlinks(filepath.Clean(dir)); err == nil {
		return filepath.Join(real, base)
	}
	return path
}
