package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/deskferry/deskferry/mapping"
)

// jobVersion is the version of the job file's form.
const jobVersion = "1"

func jobFlag() cli.Flag {
	return stringFlag("job", "job `FILE` that holds the settings of a sync, as /etc/deskferry/acme.yaml; flags and the environment win over it")
}

// jobSection is a part of a job file: settings that are flags of sync, and the places of secrets.
type jobSection struct {
	name    string
	self    string // what the flag is called that has the section's own name
	flags   []cli.Flag
	secrets []jobSecret
}

// jobSecret is something secret: name_file names a file that holds it, name_env a variable of the environment. It never stands in
// a job file.
type jobSecret struct {
	name     string // in the job file, as key
	variable string // that holds it otherwise, as DESKFERRY_GORGIAS_KEY
	open     bool   // no secret: it may stand in the file as it is
}

func jobSections() []jobSection {
	return []jobSection{
		{name: "source", flags: append(append(inputFlags(), peopleFlags()...), sourceSyncFlags()...), secrets: []jobSecret{{name: "key", variable: omnideskKey}}},
		{name: "target", flags: targetFlags(), secrets: []jobSecret{
			{name: "user", variable: "DESKFERRY_GORGIAS_USER", open: true}, {name: "key", variable: "DESKFERRY_GORGIAS_KEY"}, {name: "token", variable: "DESKFERRY_GORGIAS_TOKEN"}}},
		{name: "files", self: "mode", flags: fileFlags(), secrets: []jobSecret{{name: "auth", variable: "DESKFERRY_FILES_AUTH"}}},
		{name: "tickets", flags: append(choiceFlags(), canaryFlags()...)},
		{name: "sync", flags: append(append(syncFlags(), limitFlags()...), outputFlags()...)},
		{name: "log", self: "file", flags: logFlags()},
		{name: "metrics", self: "file", flags: metricsFlags()},
		{name: "notify", flags: notifyFlags(), secrets: []jobSecret{{name: "webhook", variable: webhookVariable}, {name: "ping", variable: pingVariable}}},
	}
}

// jobPaths are the flags that name files and folders: in a job file they are seen from the file's own folder.
func jobPaths() []string {
	return []string{"from", "mapping", "snapshot", "people", "ledger", "rejects", "report", "log", "metrics"}
}

// commandKey is the one setting of a job file that is neither flag nor secret: the command that is told how a run ended.
const commandKey = "command"

// jobSetting is a flag's value as a job file has it.
type jobSetting struct {
	flag   string
	values []string
	pos    mapping.Pos
}

// job is a job file as read.
type job struct {
	name     string // of the file, without its ending
	settings []jobSetting
	lookup   map[string]string // environment variables that the file stands for
	command  []string
	unset    []mapping.LoadProblem // variables that are named and not set
	file     string
	text     []byte
}

// readJob reads a job file. An error of it shows every place at fault; the job holds what could be read all the same, so that those
// it names can be told.
func readJob(path string) (*job, error) {
	base := filepath.Base(path)
	r := &jobReader{job: &job{name: strings.TrimSuffix(base, filepath.Ext(base)), lookup: map[string]string{}, file: path}, dir: filepath.Dir(path)}
	b, err := os.ReadFile(path)
	if err != nil {
		return r.job, fmt.Errorf("reading the job file: %w; --job names it", err)
	}
	r.job.text = b
	doc, err := mapping.ReadDocument(b, path)
	if err != nil {
		return r.job, err
	}
	r.file(doc)
	return r.job, mapping.ProblemsIn(b, path, r.problems)
}

// jobReader holds a document against what a job file may have.
type jobReader struct {
	job      *job
	dir      string
	problems []mapping.LoadProblem
}

func (r *jobReader) add(pos mapping.Pos, path, format string, args ...any) {
	r.problems = append(r.problems, mapping.LoadProblem{Pos: pos, Path: path, Text: fmt.Sprintf(format, args...)})
}

func (r *jobReader) file(doc *mapping.Document) {
	if doc.Kind != mapping.DocumentMap {
		r.add(doc.Pos, "", "a job file is a map of sections: version, source, target, …; is this a job file?")
		return
	}
	sections := jobSections()
	names := []string{"version"}
	for _, s := range sections {
		names = append(names, s.name)
	}
	versioned := false
	for _, e := range doc.Entries {
		i := slices.IndexFunc(sections, func(s jobSection) bool { return s.name == e.Key })
		switch {
		case e.Key == "version":
			versioned = true
			if e.Value.Kind != mapping.DocumentWord || e.Value.Word != jobVersion {
				r.add(e.Value.Pos, e.Key, "this deskferry knows version: %s; a file of another version needs another deskferry", jobVersion)
			}
		case i < 0:
			r.add(e.Pos, "", "there is no section %q%s", e.Key, nearestOf(e.Key, names))
		default:
			r.section(sections[i], e)
		}
	}
	if !versioned {
		r.add(doc.Pos, "", "version: %s is missing; it says which form the file has", jobVersion)
	}
}

// nearestOf is the end of a message about an unknown name.
func nearestOf(name string, known []string) string {
	if near := mapping.Nearest(name, known); near != "" {
		return "; did you mean " + near + "?"
	}
	return "; known: " + strings.Join(known, ", ")
}

func (r *jobReader) section(s jobSection, e mapping.DocumentEntry) {
	switch e.Value.Kind {
	case mapping.DocumentMap:
	case mapping.DocumentNull: // every line of it is a comment
		return
	default:
		r.add(e.Value.Pos, e.Key, "a section holds settings, one key: value on a line")
		return
	}
	for _, set := range e.Value.Entries {
		r.setting(s, set)
	}
}

func (r *jobReader) setting(s jobSection, e mapping.DocumentEntry) {
	path := s.name + "." + e.Key
	for _, f := range s.flags {
		if s.key(f) == e.Key {
			if v, ok := r.values(path, f, e.Value); ok {
				r.job.settings = append(r.job.settings, jobSetting{flag: f.Names()[0], values: v, pos: e.Value.Pos})
			}
			return
		}
	}
	if s.name == "notify" && e.Key == commandKey {
		if e.Value.Kind != mapping.DocumentList || len(e.Value.List) == 0 {
			r.add(e.Value.Pos, path, "a list: the program and each of its arguments, as [/usr/local/bin/tell, --team, support]; no shell reads it")
			return
		}
		r.job.command = r.words(path, e.Value)
		return
	}
	if r.secret(s, e, path) {
		return
	}
	for _, other := range jobSections() {
		if other.name != s.name && slices.Contains(other.keys(), e.Key) {
			r.add(e.Pos, path, "%s belongs into the section %s", e.Key, other.name)
			return
		}
	}
	r.add(e.Pos, path, "there is no setting %q in %s%s", e.Key, s.name, nearestOf(e.Key, s.keys()))
}

// keys are what may stand in a section.
func (s jobSection) keys() []string {
	var keys []string
	for _, f := range s.flags {
		keys = append(keys, s.key(f))
	}
	for _, secret := range s.secrets {
		if secret.open {
			keys = append(keys, secret.name)
		}
		keys = append(keys, secret.name+"_file", secret.name+"_env")
	}
	if s.name == "notify" {
		keys = append(keys, commandKey)
	}
	return keys
}

// key is a flag's name in the section: with _ for -, and without the section's name before it.
func (s jobSection) key(f cli.Flag) string {
	name := f.Names()[0]
	if name == s.name {
		return s.self
	}
	return strings.ReplaceAll(strings.TrimPrefix(name, s.name+"-"), "-", "_")
}

// secret takes where a secret is; false: e is none.
func (r *jobReader) secret(s jobSection, e mapping.DocumentEntry, path string) bool {
	for _, secret := range s.secrets {
		var take func(word string)
		switch e.Key {
		case secret.name:
			if !secret.open {
				r.add(e.Pos, path, "a secret does not stand in a job file: %s_file names a file that holds it, %[1]s_env a variable of the environment", secret.name)
				return true
			}
			take = func(word string) { r.job.lookup[secret.variable] = word }
		case secret.name + "_file":
			take = func(word string) { r.job.lookup[secret.variable+"_FILE"] = r.path(word) }
		case secret.name + "_env":
			take = func(word string) {
				value, ok := lookupEnv(word)
				if !ok || value == "" {
					r.job.unset = append(r.job.unset, mapping.LoadProblem{Pos: e.Value.Pos, Path: path, Text: "the environment has no variable " + word + ", or it is empty"})
				}
				r.job.lookup[secret.variable] = value
			}
		default:
			continue
		}
		if _, ok := r.job.lookup[secret.variable]; ok || r.job.lookup[secret.variable+"_FILE"] != "" {
			r.add(e.Pos, path, "%s is named twice; keep one of %[1]s_file and %[1]s_env", secret.name)
			return true
		}
		if e.Value.Kind != mapping.DocumentWord || e.Value.Word == "" {
			r.add(e.Value.Pos, path, "one word is wanted here")
			return true
		}
		take(e.Value.Word)
		return true
	}
	return false
}

// path is a path of the job file as it is seen from here.
func (r *jobReader) path(p string) string {
	if p == "" || p == "-" || filepath.IsAbs(p) || isLive(p) {
		return p
	}
	return filepath.Join(r.dir, p)
}

// values are what a setting gives its flag. Where the flag may be repeated, a list or one word; a map where its values are NAME=VALUE.
func (r *jobReader) values(path string, f cli.Flag, v *mapping.Document) ([]string, bool) {
	_, many := f.(*cli.StringSliceFlag)
	before := len(r.problems)
	var out []string
	switch {
	case v.Kind == mapping.DocumentWord:
		out = []string{v.Word}
	case many && v.Kind == mapping.DocumentList:
		out = r.words(path, v)
	case many && v.Kind == mapping.DocumentMap:
		for _, e := range v.Entries {
			if e.Value.Kind != mapping.DocumentWord {
				r.add(e.Value.Pos, path+"."+e.Key, "one word is wanted here")
				continue
			}
			out = append(out, e.Key+"="+e.Value.Word)
		}
	case many:
		r.add(v.Pos, path, "a word or a list of words is wanted here")
	default:
		r.add(v.Pos, path, "one word is wanted here")
	}
	name := f.Names()[0]
	for i := range out {
		if slices.Contains(jobPaths(), name) && (name != "mapping" || isPath(out[i])) {
			out[i] = r.path(out[i])
		}
	}
	return out, len(r.problems) == before
}

// isPath tells a mapping's file from the name of a preset.
func isPath(mappingName string) bool {
	return strings.ContainsAny(mappingName, `/\.`)
}

func (r *jobReader) words(path string, v *mapping.Document) []string {
	var out []string
	for _, item := range v.List {
		if item.Kind != mapping.DocumentWord {
			r.add(item.Pos, path, "one word is wanted here")
			continue
		}
		out = append(out, item.Word)
	}
	return out
}
