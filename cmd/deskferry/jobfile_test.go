package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/urfave/cli/v2"

	"github.com/deskferry/deskferry/importer/sandbox/omnidesk"
)

// TestJobFileHasEverySetting holds the job file against sync's and import's flags: each has exactly one place, and its documentation names it.
func TestJobFileHasEverySetting(t *testing.T) {
	doc, err := os.ReadFile("../../docs/sync.md")
	if err != nil {
		t.Fatal(err)
	}
	places := map[string]string{}
	for _, s := range jobSections() {
		row := ""
		for line := range strings.Lines(string(doc)) {
			if strings.HasPrefix(line, "| `"+s.name+"` |") {
				row = line
			}
		}
		keys := s.keys()
		slices.Sort(keys)
		if len(slices.Compact(keys)) != len(s.keys()) {
			t.Errorf("%s has a key twice: %q", s.name, keys)
		}
		for _, key := range keys {
			if !strings.Contains(row, "`"+key+"`") {
				t.Errorf("docs/sync.md does not name %s in its row for %s", key, s.name)
			}
		}
		for _, f := range s.flags {
			name := f.Names()[0]
			if at, twice := places[name]; twice {
				t.Errorf("--%s is in the sections %s and %s", name, at, s.name)
			}
			places[name] = s.name
		}
	}
	for _, c := range []*cli.Command{syncCommand(streams{}), importCommand(streams{})} {
		for _, f := range c.Flags {
			if name := f.Names()[0]; places[name] == "" && !slices.Contains([]string{"job", "again", "report"}, name) {
				t.Errorf("--%s of %s has no place in a job file", name, c.Name)
			}
		}
	}
}

// TestJobFileOfHostileForm reads what no job file should be: an error, never a panic.
func TestJobFileOfHostileForm(t *testing.T) {
	path := filepath.Join(t.TempDir(), "job.yaml")
	for _, text := range []string{"", "\x00", "- a", "version: 1\nsource: [1]", "version: 1\nsource: &a {from: *a}", "version: 1\nsource: {from: {a: {b: c}}}", "a: " + strings.Repeat("[", 5000),
		"version: 1\nnotify: {command: []}", "version: 1\nnotify: {command: [{}]}", "version: 2", "version: 1\nversion: 1", "version: 1\ntarget: {key_file: a, key_env: b}", "version: 1\ntarget: {key_file: [a]}",
		"version: 1\ntarget: {token: t}", "source: {from: x}", "\xff\xfe"} {
		write(t, path, text)
		if _, err := readJob(path); err == nil || !strings.Contains(err.Error(), path+":") {
			t.Errorf("%.40q: %v", text, err)
		}
	}
	write(t, path, "version: 1\nsource:\n  # all of it is a comment\n")
	if j, err := readJob(path); err != nil || j.name != "job" {
		t.Errorf("a job without settings: %v", err)
	}
}

// TestJobAndEnvironment lets flags win over the environment, and the environment over the file.
func TestJobAndEnvironment(t *testing.T) {
	dir := t.TempDir()
	job := filepath.Join(dir, "acme.yaml")
	write(t, job, "version: 1\nsource: { from: [a.csv, b.csv], mapping: zendesk, set: { brand: acme, x: y } }\ntarget: { to: https://acme.gorgias.com, concurrency: 3, key_file: k, user: u }\nsync: { quiet: true, max_rejects: 7 }\n")
	write(t, filepath.Join(dir, "k"), "from-the-file\n")
	for _, v := range []string{"DESKFERRY_GORGIAS_USER", "DESKFERRY_GORGIAS_KEY", "DESKFERRY_GORGIAS_KEY_FILE"} {
		t.Setenv(v, "")
		os.Unsetenv(v)
	}
	check := func(want string, args ...string) {
		t.Helper()
		app := newApp(streams{})
		got := ""
		for _, c := range app.Commands {
			if c.Name == "sync" {
				c.Action = func(c *cli.Context) error {
					cred, err := readCredentials(lookupOf(c))
					got = fmt.Sprintf("%q %s %q %d %v %d %s", c.StringSlice("from"), c.String("mapping"), c.StringSlice("set"), c.Int("concurrency"), c.Bool("quiet"), c.Int("max-rejects"), cred.key)
					return err
				}
			}
		}
		if err := app.Run(append([]string{"deskferry", "sync", "--job", job}, args...)); err != nil {
			t.Fatal(err)
		}
		if got = strings.ReplaceAll(got, dir+"/", ""); got != want {
			t.Errorf("%q: %s, want %s", args, got, want)
		}
	}
	check(`["a.csv" "b.csv"] zendesk ["brand=acme" "x=y"] 3 true 7 from-the-file`)
	t.Setenv("DESKFERRY_CONCURRENCY", "5")
	t.Setenv("DESKFERRY_GORGIAS_KEY", "from-the-environment")
	check(`["a.csv" "b.csv"] zendesk ["brand=acme" "x=y"] 5 true 7 from-the-environment`)
	check(`["c.csv"] m.yaml ["brand=acme" "x=y"] 9 false 0 from-the-environment`, "--from", "c.csv", "--mapping", "m.yaml", "--concurrency", "9", "--quiet=false", "--max-rejects", "0")
}

// block returns what stands between the first line that begins with from and the next line that is to.
func block(t *testing.T, text, from, to string) string {
	t.Helper()
	_, rest, ok := strings.Cut(text, from)
	inside, _, ended := strings.Cut(rest, "\n"+to)
	if !ok || !ended {
		t.Fatalf("no block %q", from)
	}
	return inside
}

// machine makes the folders of the documentation below the rig's and returns what puts them, and the accounts, in place of the
// documented ones.
func (r *rig) machine(source string) *strings.Replacer {
	r.t.Helper()
	for _, dir := range []string{"etc", "bin", "lib", "log", "prom"} {
		if err := os.Mkdir(filepath.Join(r.dir, dir), 0o755); err != nil {
			r.t.Fatal(err)
		}
	}
	if err := os.Symlink(self(r.t), filepath.Join(r.dir, "bin", "deskferry")); err != nil {
		r.t.Fatal(err)
	}
	return strings.NewReplacer("https://acme.omnidesk.com/api/v2", source, "https://acme.gorgias.com", r.url, "/etc/deskferry", filepath.Join(r.dir, "etc"), "/var/lib/deskferry", filepath.Join(r.dir, "lib"),
		"/var/log/deskferry", filepath.Join(r.dir, "log"), "/var/lib/prometheus/node-exporter", filepath.Join(r.dir, "prom"), "/usr/local/bin", filepath.Join(r.dir, "bin"))
}

// settle writes the documented job file with what belongs to it, and returns the documentation.
func (r *rig) settle(here *strings.Replacer, e *ears) string {
	t, etc := r.t, filepath.Join(r.dir, "etc")
	t.Helper()
	doc, err := os.ReadFile("../../docs/sync.md")
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(etc, "acme.yaml"), here.Replace(block(t, string(doc), "```yaml\n# /etc/deskferry/acme.yaml\n", "```")))
	write(t, filepath.Join(etc, "mapping.yaml"), "version: 1\nextends: omnidesk\nsource: { timezone: Europe/Amsterdam, api: { pace: 100 } }\n")
	for name, text := range map[string]string{"omnidesk.key": "om-s3cret", "gorgias.key": "go-s3cret", "webhook": e.url + "/hook/T0KEN", "ping": e.url + "/ping/T0KEN"} {
		write(t, filepath.Join(etc, name), text+"\n")
	}
	tell := filepath.Join(r.dir, "bin", "tell-team")
	write(t, tell, "#!/bin/sh\ncat > "+r.dir+"/team.json\n")
	if err := os.Chmod(tell, 0o755); err != nil {
		t.Fatal(err)
	}
	return string(doc)
}

// TestDocumentedNight runs the cron line and the job file as docs/sync.md prints them; only hosts and folders are this test's.
func TestDocumentedNight(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("cron, a shell and links")
	}
	r := newRig(t, "")
	old := omnidesk.New(omnidesk.Options{})
	old.Load(omnidesk.Generate(5, 30))
	url, stop, err := old.Start()
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	ears, here := listen(t), r.machine(url)
	doc := r.settle(here, ears)
	line := strings.Fields(block(t, doc, "```\n15 2 * * *", "```"))[1:] // but for the user
	night := func(want int) string {
		t.Helper()
		cmd := exec.Command("/bin/sh", "-c", here.Replace(strings.Join(line, " ")))
		cmd.Dir, cmd.Env = r.dir, []string{"HOME=/nonexistent", "PATH=/usr/bin:/bin"} // as cron's
		said, _ := cmd.CombinedOutput()
		if code := cmd.ProcessState.ExitCode(); code != want {
			t.Fatalf("exit %d, want %d\n%s", code, want, said)
		}
		return string(said)
	}
	if said := night(exitDone); said != "" {
		t.Errorf("the first night said %q", said)
	}
	s := r.account.Stats()
	if s.Tickets < 20 || s.Outbox != 0 {
		t.Errorf("the account has %+v", s)
	}
	if said := night(exitDone); said != "" {
		t.Errorf("a night without a change said %q", said)
	}
	if now := r.account.Stats(); now.Writes != s.Writes {
		t.Errorf("%d writes in a night without a change", now.Writes-s.Writes)
	} else {
		t.Logf("a night without a change: %d reads of Gorgias", now.Requests-s.Requests)
	}
	r.account.SetFaults(mustFaults(t, "401"))
	if said := night(exitFailed); !strings.Contains(said, "401") {
		t.Errorf("a night with a wrong key said %q", said)
	}
	r.toldOfNights(ears)
}

// toldOfNights looks at what two good nights and a bad one have left: pings, one message, a log, metrics, and no key anywhere.
func (r *rig) toldOfNights(e *ears) {
	t := r.t
	t.Helper()
	var told []string
	for _, line := range e.heard() {
		told = append(told, strings.Join(strings.Fields(line)[:2], " "))
	}
	if want := []string{"GET /ping/T0KEN/start", "GET /ping/T0KEN", "GET /ping/T0KEN/start", "GET /ping/T0KEN", "GET /ping/T0KEN/start", "GET /ping/T0KEN/fail", "POST /hook/T0KEN"}; !slices.Equal(told, want) {
		t.Errorf("told %q, want %q", told, want)
	}
	var o outcome
	b, err := os.ReadFile(filepath.Join(r.dir, "team.json"))
	if err != nil || json.Unmarshal(b, &o) != nil || o.Name != "acme" || o.Outcome != outcomeFailed || o.Before != outcomeOK || o.Exit != exitFailed {
		t.Errorf("the team was told %s, %v", b, err)
	}
	log, err := os.ReadFile(filepath.Join(r.dir, "log", "acme.json"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(log)) {
		var entry struct {
			Time, Level, Msg string
		}
		if err := json.Unmarshal([]byte(line), &entry); err != nil || entry.Msg == "" {
			t.Errorf("a line of the log: %v: %s", err, line)
		}
	}
	prom, err := os.Open(filepath.Join(r.dir, "prom", "deskferry-acme.prom"))
	if err != nil {
		t.Fatal(err)
	}
	defer prom.Close()
	if m := parseMetrics(t, prom); m["deskferry_sync_exit_code"] != exitFailed || m["deskferry_sync_finished_timestamp_seconds"] < 1e9 {
		t.Errorf("metrics: %v", m)
	}
	for _, dir := range []string{"lib", "log", "prom"} {
		if out, err := exec.Command("grep", "-rl", "-e", "om-s3cret", "-e", "go-s3cret", "-e", "T0KEN", filepath.Join(r.dir, dir)).Output(); err == nil {
			t.Errorf("a key is in %s", out)
		}
	}
}

// TestUnits holds the systemd units against systemd's own judgement, where it is there.
func TestUnits(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("no systemd-analyze here")
	}
	dir := t.TempDir()
	for _, ending := range []string{"service", "timer"} {
		b, err := os.ReadFile("../../docs/systemd/deskferry@." + ending)
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, "deskferry@acme."+ending), strings.ReplaceAll(string(b), "/usr/local/bin/deskferry", "/bin/true"))
	}
	if out, err := exec.Command(analyze, "verify", filepath.Join(dir, "deskferry@acme.service"), filepath.Join(dir, "deskferry@acme.timer")).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
}

// TestCronJob reads the job file inside the Kubernetes manifest, and looks that its paths are mounted.
func TestCronJob(t *testing.T) {
	b, err := os.ReadFile("../../docs/kubernetes/cronjob.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var settings struct {
		Data map[string]string `yaml:"data"`
	}
	for doc := range strings.SplitSeq(string(b), "\n---\n") {
		var any map[string]any
		if err := yaml.Unmarshal([]byte(doc), &any); err != nil || any["kind"] == nil {
			t.Fatalf("a document: %v", err)
		}
		if any["kind"] == "ConfigMap" {
			if err := yaml.Unmarshal([]byte(doc), &settings); err != nil {
				t.Fatal(err)
			}
		}
	}
	path := filepath.Join(t.TempDir(), "acme.yaml")
	write(t, path, settings.Data["acme.yaml"])
	if _, err := readJob(path); err != nil {
		t.Errorf("the job file: %v", err)
	}
	for _, mount := range []string{"mountPath: /etc/deskferry", "mountPath: /run/secrets/deskferry", "mountPath: /var/lib/deskferry", "mountPath: /tmp"} {
		if !strings.Contains(string(b), mount) {
			t.Errorf("%s is missing", mount)
		}
	}
}
