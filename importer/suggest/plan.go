package suggest

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/deskferry/deskferry/mapping"
	"github.com/deskferry/deskferry/mapping/presets"
	"github.com/deskferry/deskferry/mapping/profile"
	"github.com/deskferry/deskferry/sources"
)

// sure is the score from which a candidate is taken without asking (profile.Candidate).
const sure = 0.5

// plan is what the mapping will say, gathered before it is written.
type plan struct {
	profile  *profile.Profile
	findings *Findings
	answers  Answers

	preset     *mapping.File
	presetName string

	parts  []*part
	tables []*table
	open   []Question
	zone   *zoneAsk // the times that need source.timezone
}

// part is the records of one place: an input.
type part struct {
	file  *profile.File
	shape *profile.Shape
	name  string
	alone bool // there is no other: inputs are not written
	best  map[profile.Role]profile.Candidate
	more  map[profile.Role][]profile.Candidate // further candidates, best first
	used  map[string]bool                      // fields with a place
	asked profile.Role                         // of the customer, where only the author's column says it
}

// key names a part, as long as its export is the same.
func (pt *part) key() string { return pt.file.Glob + "\x00" + pt.shape.Place }

func (pt *part) kind() profile.Kind { return pt.shape.Kind }

// get returns the field for a role, nil where none is sure.
func (pt *part) get(role profile.Role) *profile.Field {
	if c, ok := pt.best[role]; ok && c.Score >= sure {
		return pt.shape.Field(c.Path)
	}
	return nil
}

// any returns the field for a role and whether it is sure; nil where nothing was found.
func (pt *part) any(role profile.Role) (*profile.Field, bool) {
	c, ok := pt.best[role]
	if !ok {
		return nil, false
	}
	return pt.shape.Field(c.Path), c.Score >= sure
}

// find settles what the plan is about: the preset, or the parts of a whole mapping. The error is a *Refusal where
// there is nothing to import.
func (pl *plan) find() error {
	want := pl.answers.one(KeyPreset)
	if want == "" {
		want = pl.fitting()
	}
	if pl.profile.Refusal != "" {
		return &Refusal{pl.profile.Refusal}
	}
	pl.cut()
	if want != "" && want != "none" {
		m, err := mapping.Load(presets.FS, want, mapping.LoadOptions{})
		if err != nil {
			return fmt.Errorf("the preset to extend: %w", err)
		}
		pl.preset, pl.presetName = m.File(), want
		return nil
	}
	return pl.refusal()
}

// fitting is the preset that knows the export for sure, and finds the columns it needs.
func (pl *plan) fitting() string {
	for _, fit := range pl.profile.Fits {
		if fit.Score >= sure && pl.binds(fit.Preset) {
			return fit.Preset
		}
	}
	return ""
}

// binds tells whether the CSV files of the export have the columns a preset needs.
func (pl *plan) binds(preset string) bool {
	m, err := mapping.Load(presets.FS, preset, mapping.LoadOptions{})
	if err != nil {
		return false
	}
	for i := range pl.profile.Files {
		f := &pl.profile.Files[i]
		if f.Format != string(sources.CSV) || len(f.Shapes) == 0 {
			continue
		}
		var columns []string
		for _, c := range f.Shapes[0].Fields {
			columns = append(columns, c.Path)
		}
		if m.Bind(&sources.File{Name: f.Name, Base: f.Glob, Format: sources.CSV, Columns: columns}) != nil {
			return false
		}
	}
	return true
}

// cut makes the parts. Inputs with a plain name come before those with a pattern, so that none takes what another is for.
func (pl *plan) cut() {
	for i := range pl.profile.Files {
		f := &pl.profile.Files[i]
		for j := range f.Shapes {
			s := &f.Shapes[j]
			if s.Records == 0 || len(s.Fields) == 0 {
				continue
			}
			pt := &part{file: f, shape: s, used: map[string]bool{}}
			pt.settle()
			pl.own(pt)
			pl.parts = append(pl.parts, pt)
		}
	}
	slices.SortStableFunc(pl.parts, func(a, b *part) int {
		return cmp.Compare(strings.Count(a.file.Glob, "*"), strings.Count(b.file.Glob, "*"))
	})
	taken := map[string]bool{}
	for _, pt := range pl.parts {
		pt.alone = len(pl.parts) == 1
		base := inputName(pt)
		name := base
		for n := 2; taken[name]; n++ {
			name = fmt.Sprintf("%s_%d", base, n)
		}
		taken[name] = true
		pt.name = name
	}
}

// own settles whose addresses a column holds whose heading does not say it.
func (pl *plan) own(pt *part) {
	c, ok := pt.best[profile.CustomerEmail]
	if n := pl.findings.varied[pt.key()]; ok && n > 0 {
		delete(pt.best, profile.CustomerEmail)
		pt.best[profile.Author] = profile.Candidate{Path: c.Path, Score: valuesSay, Why: "it differs within " + many(n, "ticket", "tickets")}
	}
	if pt.kind() != profile.Tickets || pt.get(profile.CustomerEmail) != nil || pt.get(profile.CustomerID) != nil {
		return
	}
	for _, role := range []profile.Role{profile.Author, profile.From} { // who wrote a ticket's own text is its customer
		for _, c := range pt.shape.Candidates[role] {
			f := pt.shape.Field(c.Path)
			if f == nil || c.Score < sure || f.Filled == 0 {
				continue
			}
			role := profile.CustomerID
			if f.Type == profile.Email || f.Type == profile.Addresses || f.Type == profile.Mixed {
				role = profile.CustomerEmail
			}
			delete(pt.best, profile.CustomerEmail)
			pt.best[role], pt.asked = c, role
			return
		}
	}
}

// inputName is a short name from the place or the file, else from what is in it.
func inputName(pt *part) string {
	from := path.Ext(pt.shape.Place)
	if from = strings.TrimPrefix(from, "."); from == "" {
		from = pt.shape.Place
	}
	if from == "" || from == "." {
		from = strings.Trim(strings.TrimSuffix(pt.file.Glob, path.Ext(pt.file.Glob)), "*-_. ")
	}
	name := strings.ReplaceAll(fold(from), " ", "_")
	ascii := strings.IndexFunc(name, func(r rune) bool { return r > 'z' }) < 0
	if pt.alone || name == "" || len(name) > 40 || !ascii || strings.Trim(name, "0123456789_") == "" {
		name = string(pt.kind())
	}
	return name
}

// settle gives each role its field. A field has one role, but for pairs that are said of the same field: who wrote a
// message is also who it is from, and a ticket of one row began when its text was sent.
func (pt *part) settle() {
	type claim struct {
		role profile.Role
		c    profile.Candidate
		rank int
	}
	var claims []claim
	for rank, role := range profile.Roles() {
		if !pt.wants(role) {
			continue
		}
		if pt.kind() == profile.Messages && rank < slices.Index(profile.Roles(), profile.MessageID) {
			rank += len(profile.Roles()) // user_id is the author's before it is the customer's
		}
		for _, c := range pt.shape.Candidates[role] {
			if f := pt.shape.Field(c.Path); f != nil && f.Filled > 0 {
				if pt.tells(f) == role { // its values say it
					c.Score = max(c.Score, valuesSay)
				}
				claims = append(claims, claim{role, c, rank})
			}
		}
	}
	slices.SortStableFunc(claims, func(a, b claim) int {
		return cmp.Or(cmp.Compare(b.c.Score, a.c.Score), cmp.Compare(a.rank, b.rank))
	})
	pt.best = map[profile.Role]profile.Candidate{}
	pt.more = map[profile.Role][]profile.Candidate{}
	holder := map[string]profile.Role{}
	for _, c := range claims {
		if told := pt.tells(pt.shape.Field(c.c.Path)); told != "" && told != c.role && slices.Contains(sideRoles(), c.role) {
			continue
		}
		if held, ok := holder[c.c.Path]; ok && !together(held, c.role) {
			continue
		}
		if _, ok := pt.best[c.role]; !ok {
			pt.best[c.role] = c.c
			holder[c.c.Path] = c.role
		}
	}
	for _, c := range claims {
		if _, ok := holder[c.c.Path]; !ok {
			pt.more[c.role] = append(pt.more[c.role], c.c)
		}
	}
}

// valuesSay is the score of a field whose values speak for a role.
const valuesSay = 0.9

// sideRoles are the roles a field cannot have whose values tell who wrote a message or for whom.
func sideRoles() []profile.Role {
	return []profile.Role{profile.Direction, profile.Internal, profile.Public, profile.Channel, profile.Author, profile.AuthorName, profile.AuthorType, profile.From}
}

func together(a, b profile.Role) bool {
	pairs := [][2]profile.Role{{profile.Author, profile.From}, {profile.SentTime, profile.CreatedTime}}
	return slices.ContainsFunc(pairs, func(p [2]profile.Role) bool { return p == [2]profile.Role{a, b} || p == [2]profile.Role{b, a} })
}

// wants tells whether records of this kind have the role. The text in a ticket's own row is the customer's.
func (pt *part) wants(role profile.Role) bool {
	switch pt.kind() {
	case profile.Tickets:
		return !slices.Contains([]profile.Role{
			profile.MessageID, profile.Author, profile.AuthorName, profile.AuthorType, profile.Direction, profile.Internal, profile.Public, profile.From,
		}, role)
	case profile.Messages:
		return role != profile.CreatedTime && role != profile.UpdatedTime
	case profile.Other:
		return false
	}
	return true
}

func (pl *plan) of(kinds ...profile.Kind) []*part {
	var out []*part
	for _, pt := range pl.parts {
		if slices.Contains(kinds, pt.kind()) {
			out = append(out, pt)
		}
	}
	return out
}

func (pt *part) hasText() bool {
	body, _ := pt.any(profile.Body)
	html, _ := pt.any(profile.BodyHTML)
	return body != nil || html != nil || pt.kind() == profile.Conversations && pt.rootText() != nil
}

// text is the text in a ticket's own row, nil where there is none.
func (pt *part) text() *profile.Field {
	if f, _ := pt.any(profile.Body); f != nil {
		return f
	}
	f, _ := pt.any(profile.BodyHTML)
	return f
}

// timeField is the time of the record's message.
func (pt *part) timeField() *profile.Field {
	roles := []profile.Role{profile.SentTime, profile.CreatedTime}
	if pt.kind() == profile.Tickets {
		roles = []profile.Role{profile.CreatedTime, profile.SentTime}
	}
	for _, role := range roles {
		if f, _ := pt.any(role); f != nil {
			return f
		}
	}
	return nil
}

// ask returns the answers to a question, none where it stays open.
func (pl *plan) ask(q Question) []string {
	if a, ok := pl.answers[q.Key]; ok && len(a) > 0 {
		return a
	}
	if !slices.ContainsFunc(pl.open, func(o Question) bool { return o.Key == q.Key }) {
		pl.open = append(pl.open, q)
	}
	return nil
}

// isOpen tells whether a question was left open.
func (pl *plan) isOpen(key string) bool {
	return slices.ContainsFunc(pl.open, func(o Question) bool { return o.Key == key })
}
