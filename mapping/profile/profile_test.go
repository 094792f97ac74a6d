package profile

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/deskferry/deskferry/mapping"
	"github.com/deskferry/deskferry/sources"
)

// read profiles files as inspect does.
func read(t testing.TB, opt Options, paths ...string) *Profile {
	t.Helper()
	p, err := readAll(opt, paths...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func readAll(opt Options, paths ...string) (*Profile, error) {
	ctx := context.Background()
	set, err := sources.Open(ctx, paths, nil, nil)
	if err != nil {
		return nil, err
	}
	p, err := Read(ctx, set, set.Files(), opt)
	return p, errors.Join(err, set.Close())
}

// write makes a file that ends with the test.
func write(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// one is the only shape of a profile with one.
func one(t testing.TB, p *Profile) *Shape {
	t.Helper()
	if len(p.Files) != 1 || len(p.Files[0].Shapes) != 1 {
		t.Fatalf("%d files, want one with one place: %+v", len(p.Files), p.Files)
	}
	return &p.Files[0].Shapes[0]
}

// best lists the best candidate of each role: "ticket id=Nr. subject=Betreff".
func best(s *Shape) string {
	var list []string
	for _, r := range Roles() {
		if c := s.Candidates[r]; len(c) > 0 && c[0].Score >= 0.5 {
			list = append(list, fmt.Sprintf("%s=%s", r, c[0].Path))
		}
	}
	return strings.Join(list, "; ")
}

const testdata = "../../testdata"

func TestSamples(t *testing.T) {
	for _, test := range []struct {
		file, place, head, kind, best string
	}{
		{"tickets.csv", "", `csv windows-1252 ";" 60`, "tickets with 60 texts, 2016-03-01 to 2016-05-28",
			"ticket id=Ticket Nr.; subject=Betreff; status=Status; tags=Tag#1; customer email=E-Mail; customer name=Kunde; " +
				"assignee=Bearbeiter; created time=Erstellt; author=E-Mail; body=Nachricht; sent time=Erstellt"},
		{"messages.csv", "", `csv utf-8 "," 233`, "messages with 233 texts, 2016-03-01 to 2016-06-29",
			"ticket id=ticket_id; subject=subject; status=status; channel=channel; tags=tags; customer email=requester_email; customer name=requester_name; " +
				"message id=message_id; author=author_email; author name=author_name; internal=internal; body=body_text; body html=body_html; " +
				"sent time=sent_at; attachments=attachments"},
		{"helpdesk.json", "tickets", `json utf-8 "" 348`, "conversations with 240 texts, 2016-03-01 to 2017-02-24",
			"ticket id=id; subject=subject; status=status; priority=priority; channel=via.channel; tags=tags; customer id=requester_id; " +
				"created time=created_at; updated time=updated_at; closed time=solved_at; message id=comments[].id; author=comments[].author_id; " +
				"public=comments[].public; body=comments[].body; body html=comments[].html_body; sent time=comments[].created_at; " +
				"attachments=comments[].attachments"},
		{"helpdesk.json", "users", `json utf-8 "" 348`, "people with 0 texts, 0001-01-01 to 0001-01-01",
			"person id=id; person email=email; person name=name; person role=role"},
		{"v2-messages.ndjson", "", `json utf-8 "" 70`, "messages with 70 texts, 2016-03-03 to 2026-01-05",
			"ticket id=ticketID; subject=subject; status=submitStatus; channel=type; customer id=userID; customer email=toAddress; author=from; body=message; " +
				"sent time=loggedAt; from=from; to=toAddress; cc=ccInput"},
	} {
		p := read(t, Options{}, filepath.Join(testdata, test.file))
		f := &p.Files[0]
		if head := fmt.Sprintf("%s %s %q %d", f.Format, f.Encoding, f.Delimiter, f.Records); head != test.head {
			t.Errorf("%s: %s, want %s", test.file, head, test.head)
		}
		i := slices.IndexFunc(f.Shapes, func(s Shape) bool { return s.Place == test.place })
		if i < 0 {
			t.Fatalf("%s: no place %q", test.file, test.place)
		}
		s := &f.Shapes[i]
		if kind := fmt.Sprintf("%s with %d texts, %s to %s", s.Kind, s.Texts, day(s.First), day(s.Last)); kind != test.kind {
			t.Errorf("%s %s: %s, want %s", test.file, s.Place, kind, test.kind)
		}
		if got := best(s); got != test.best {
			t.Errorf("%s %s:\n%s\nwant\n%s", test.file, s.Place, got, test.best)
		}
	}
}

// Every sample of a preset is recognised as its preset.
func TestPresetSamples(t *testing.T) {
	dirs, err := filepath.Glob(testdata + "/presets/*/*/export")
	if err != nil || len(dirs) == 0 {
		t.Fatal("no samples of presets", err)
	}
	for _, dir := range dirs {
		preset, sample, _ := strings.Cut(filepath.ToSlash(strings.TrimPrefix(dir, filepath.FromSlash(testdata+"/presets/"))), "/")
		t.Run(preset+"/"+filepath.Dir(sample), func(t *testing.T) {
			if !slices.Contains(mapping.Presets(), preset) {
				t.Skipf("the preset %s is not there yet", preset)
			}
			p := read(t, Options{}, dir)
			if len(p.Fits) == 0 {
				t.Fatalf("no preset fits; refusal: %s", p.Refusal)
			}
			if p.Fits[0].Preset != preset {
				t.Errorf("taken for %s; fits: %+v", p.Fits[0].Preset, p.Fits)
			}
			if p.Refusal != "" {
				t.Errorf("refused: %s", p.Refusal)
			}
		})
	}
}

func TestWarehouseTables(t *testing.T) {
	dir := "../../../shared/samples/zendesk-tables"
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the corpus zendesk-tables is not beside the repository")
	}
	p := read(t, Options{}, dir)
	kinds := map[string]Kind{}
	for _, f := range p.Files {
		for _, s := range f.Shapes {
			kinds[f.Glob] = s.Kind
		}
		if f.Bad > 0 || f.Records == 0 || f.Sure < 1 {
			t.Errorf("%s: %d bad of %d, sure %v", f.Name, f.Bad, f.Records, f.Sure)
		}
	}
	for glob, want := range map[string]Kind{"ticket_data.csv": Tickets, "ticket_comment_data.csv": Messages, "user_data.csv": People, "ticket_tag_data.csv": Other} {
		if kinds[glob] != want {
			t.Errorf("%s holds %s, want %s", glob, kinds[glob], want)
		}
	}
	if len(p.Fits) == 0 || p.Fits[0].Preset != "zendesk-tables" {
		t.Errorf("fits: %+v", p.Fits)
	}
}

func TestSpectrum(t *testing.T) {
	dir := "../../../shared/samples/csv-spectrum/csvs"
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the corpus csv-spectrum is not beside the repository")
	}
	for _, f := range read(t, Options{}, dir).Files {
		if f.Format != "csv" || f.Delimiter != "," || f.Bad > 0 || len(f.Shapes) != 1 {
			t.Errorf("%s: %s, delimiter %q, %d bad, %d places", f.Name, f.Format, f.Delimiter, f.Bad, len(f.Shapes))
		}
	}
}

// Exports of tickets without messages are refused with the export to ask for.
func TestRefusals(t *testing.T) {
	for _, test := range []struct{ preset, columns, want string }{
		{"zendesk", "Id,Subject,Status,Requester,Requester email,Assignee,Group,Tags,Created at", "JSON export"},
		{"freshdesk", "Ticket ID,Subject,Status,Priority,Source,Type,Agent,Group,Created time,Customer interactions,Full name,Email", ""},
		{"hubspot", "Ticket ID,Ticket name,Pipeline,Ticket status,Create date,Priority,Ticket owner", ""},
	} {
		if !slices.Contains(mapping.Presets(), test.preset) {
			t.Logf("the preset %s is not there yet", test.preset)
			continue
		}
		n := strings.Count(test.columns, ",")
		p := read(t, Options{}, write(t, "tickets.csv", test.columns+"\n7,Hello"+strings.Repeat(",", n-1)+"\n"))
		if p.Refusal == "" || !strings.Contains(p.Refusal, test.want) {
			t.Errorf("%s: refusal %q", test.preset, p.Refusal)
		}
		if s := one(t, p); s.Texts != 0 || !slices.ContainsFunc(s.Signs, func(g Sign) bool { return g.Code == SignNoTexts }) {
			t.Errorf("%s: %d texts, signs %+v", test.preset, s.Texts, s.Signs)
		}
	}
}

// A profile does not depend on how many cores read.
func TestLanes(t *testing.T) {
	var b strings.Builder
	b.WriteString("Id,Ticket ID,From,Body,Created,Odd\n")
	for i := range 20000 {
		fmt.Fprintf(&b, "%d,%d,person%d@example.org,\"Hello number %d, how are you today\",%02d/%02d/2021,%s\n",
			i, i/3, i%777, i%5000, 1+i%28, 1+i%12, strings.Repeat("x", i%300))
	}
	path := write(t, "messages.csv", b.String())
	first := read(t, Options{Lanes: 1}, path)
	for _, lanes := range []int{2, 7} {
		if got := read(t, Options{Lanes: lanes}, path); !reflect.DeepEqual(first, got) {
			t.Errorf("with %d lanes another profile:\n%+v\n%+v", lanes, got, first)
		}
	}
	s := one(t, first)
	if f := s.Field("Id"); f.Distinct != 20000 || f.DistinctCapped || f.Repeats != 1 {
		t.Errorf("Id: %d different values, capped %v, each %v times", f.Distinct, f.DistinctCapped, f.Repeats)
	}
	if f := s.Field("From"); f.Distinct != 777 || f.DistinctCapped {
		t.Errorf("From: %d different values", f.Distinct)
	}
	if f := s.Field("Body"); !f.DistinctCapped || f.Distinct < 4000 || f.Distinct > 6000 {
		t.Errorf("Body: about %d different values, want about 5000", f.Distinct)
	}
}

func TestRecords(t *testing.T) {
	path := filepath.Join(testdata, "messages.csv")
	p := read(t, Options{Records: 10}, path, filepath.Join(testdata, "tickets.csv"))
	for _, f := range p.Files {
		if f.Records != 10 || !f.Partial {
			t.Errorf("%s: %d records, partial %v", f.Name, f.Records, f.Partial)
		}
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	set, err := sources.Open(ctx, []string{filepath.Join(testdata, "helpdesk.json")}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	cancel()
	if _, err := Read(ctx, set, set.Files(), Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled reading ends with %v", err)
	}
}
