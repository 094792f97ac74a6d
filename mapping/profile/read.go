package profile

import (
	"context"
	"errors"
	"fmt"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/deskferry/deskferry/sources"
	"github.com/deskferry/deskferry/sources/lanes"
)

// errEnough ends the reading when all the records wanted were seen.
var errEnough = errors.New("enough records were read")

// Read reads the records of a source once and says what they hold. files are the source's, as it tells them. A record
// that cannot be read is counted; any other error ends the reading.
func Read(ctx context.Context, src sources.Source, files []*sources.File, opt Options) (*Profile, error) {
	r := newReader(files, opt)
	pool := sync.Pool{New: func() any { return new(part) }}
	cores := opt.Lanes
	if cores <= 0 {
		cores = runtime.GOMAXPROCS(0)
	}
	err := lanes.InOrder(ctx, cores, src.Pieces(ctx), func(_ int, piece sources.Piece) (*part, error) {
		p := pool.Get().(*part)
		p.reset()
		if err := p.read(piece, opt.Records); err != nil {
			return p, fmt.Errorf("reading for the profile: %w", err)
		}
		return p, ctx.Err()
	}, func(p *part) error {
		defer pool.Put(p)
		if r.take(p); r.enough(p) {
			return errEnough
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, err
	}
	return r.profile()
}

// part is what one piece holds. All of its records are of one file.
type part struct {
	file    *sources.File
	shapes  []*shapeSum // by place, in the order met
	spare   []*shapeSum
	records int64
	bad     int64
	first   []Bad
	past    bool // there are records beyond Options.Records
}

func (p *part) reset() {
	for _, s := range p.shapes {
		s.reset()
	}
	*p = part{spare: append(p.spare, p.shapes...), shapes: p.shapes[:0], first: p.first[:0]}
	if len(p.spare) > 8 {
		p.spare = p.spare[:8]
	}
}

func (p *part) read(piece sources.Piece, most int64) error {
	for rec, err := range piece.Records() {
		var bad *sources.BadRecord
		switch {
		case errors.As(err, &bad):
			p.file = bad.File
			if most > 0 && bad.Origin.Index >= most {
				p.past = true
				continue
			}
			p.records++
			if p.bad++; len(p.first) < MaxExamples {
				p.first = append(p.first, badOf(bad))
			}
			continue
		case err != nil:
			return err
		}
		p.file = rec.File
		if most > 0 && rec.Origin.Index >= most {
			if p.past = true; rec.IsRow() || rec.File.Lines {
				return nil
			}
			continue
		}
		p.records++
		s := p.shape(rec.Origin.Place, rec.File)
		if rec.IsRow() {
			s.addRow(rec)
		} else {
			s.addDocument(rec)
		}
		if s.wants(rec) {
			s.kept = append(s.kept, copyOf(rec))
		}
	}
	return nil
}

func badOf(b *sources.BadRecord) Bad {
	say := b.Err.Error()
	if b.Hint != "" {
		say += ": " + b.Hint
	}
	return Bad{Origin: b.Origin.String(), Code: b.Code, Value: clip(b.Value), Say: say}
}

// shape finds the sums of a place.
func (p *part) shape(place string, f *sources.File) *shapeSum {
	for _, s := range p.shapes {
		if s.place == place {
			return s
		}
	}
	s := &shapeSum{limit: 2 * MaxFields}
	for i, old := range p.spare {
		if f.Format != sources.CSV || slices.Equal(old.columns, f.Columns) {
			s, p.spare = old, slices.Delete(p.spare, i, i+1)
			break
		}
	}
	s.place = place
	p.shapes = append(p.shapes, s)
	return s
}

// fileSum accumulates a file, or several that are alike.
type fileSum struct {
	File
	first  *sources.File
	last   *sources.File // the last one read
	globs  []string
	shapes []*shapeSum
	counts map[string]int64         // records by place of the file in hand
	rounds map[string]map[int64]int // files by place and round number of records
}

// reader puts the parts together.
type reader struct {
	opt     Options
	files   []*fileSum
	of      map[*sources.File]*fileSum
	last    *sources.File // of the source
	records int64
	shapes  int
	lost    int64 // records of shapes beyond MaxShapes
}

// maxGroups is how many files are told apart by name; above, those of one ending are one.
const maxGroups = 100

func newReader(files []*sources.File, opt Options) *reader {
	r := &reader{opt: opt, of: make(map[*sources.File]*fileSum, len(files))}
	byKey := map[string]*fileSum{}
	for _, f := range files {
		r.last = f
		glob := globOf(f.Base)
		key := fmt.Sprintf("%s\x00%s\x00%s\x00%q\x00%c\x00%t", glob, f.Format, f.Encoding, f.Columns, f.Comma, f.Lines)
		if len(byKey) >= maxGroups && byKey[key] == nil {
			glob = "*" + path.Ext(f.Base)
			key = fmt.Sprintf("%s\x00%s\x00%q", glob, f.Format, f.Columns)
		}
		sum := byKey[key]
		if sum == nil && len(r.files) < 2*maxGroups {
			sum = newFileSum(f)
			byKey[key] = sum
			r.files = append(r.files, sum)
		}
		if sum == nil { // as many kinds of files as anybody can look at
			sum = r.files[len(r.files)-1]
		}
		sum.Count++
		if !slices.Contains(sum.globs, f.Base) && len(sum.globs) < 2 {
			sum.globs = append(sum.globs, f.Base)
		}
		if sum.Glob = f.Base; len(sum.globs) > 1 {
			sum.Glob = glob
		}
		r.of[f] = sum
	}
	return r
}

func newFileSum(f *sources.File) *fileSum {
	s := &fileSum{first: f, counts: map[string]int64{}, rounds: map[string]map[int64]int{}}
	s.Name, s.Format, s.Encoding, s.BOM, s.Lines = f.Name, string(f.Format), f.Encoding, f.BOM, f.Lines
	if f.Format == sources.CSV {
		s.Delimiter = string(rune(f.Comma))
		if f.Comma == '\t' {
			s.Delimiter = "tab"
		}
	}
	return s
}

// globOf is a base name with * for its numbers: pages and parts of one export differ in these.
func globOf(base string) string {
	var b strings.Builder
	digits := false
	for i := range len(base) {
		c := base[i]
		if c >= '0' && c <= '9' {
			if !digits {
				b.WriteByte('*')
			}
			digits = true
			continue
		}
		digits = false
		b.WriteByte(c)
	}
	return b.String()
}

// take adds what a piece holds.
func (r *reader) take(p *part) {
	if p.file == nil {
		return
	}
	f := r.of[p.file]
	if f == nil { // a source that tells of a file only when it gets there
		f = newFileSum(p.file)
		f.Glob, f.Count = p.file.Base, 1
		r.files, r.of[p.file] = append(r.files, f), f
	}
	if f.last != p.file {
		f.endFile()
		f.last = p.file
	}
	f.Records += p.records
	f.Bad += p.bad
	f.Partial = f.Partial || p.past
	for _, b := range p.first {
		if len(f.BadExamples) < MaxExamples {
			f.BadExamples = append(f.BadExamples, b)
		}
	}
	for _, s := range p.shapes {
		if sum := r.shape(f, s.place); sum != nil {
			sum.merge(s)
			f.counts[s.place] += s.records
		} else {
			r.lost += s.records
		}
	}
	if r.records += p.records; r.opt.Seen != nil {
		r.opt.Seen(r.records)
	}
}

func (r *reader) shape(f *fileSum, place string) *shapeSum {
	for _, s := range f.shapes {
		if s.place == place {
			return s
		}
	}
	if r.shapes >= MaxShapes {
		return nil
	}
	r.shapes++
	nodes := 0
	for _, other := range r.files {
		for _, s := range other.shapes {
			nodes += s.nodes
		}
	}
	s := &shapeSum{limit: min(MaxFields, max(1, maxNodes-nodes)), place: strings.Clone(place)}
	f.shapes = append(f.shapes, s)
	return s
}

// endFile notes what one of several files held.
func (f *fileSum) endFile() {
	for place, n := range f.counts {
		if isRound(n) {
			if f.rounds[place] == nil {
				f.rounds[place] = map[int64]int{}
			}
			f.rounds[place][n]++
		}
	}
	clear(f.counts)
}

// enough tells whether everything wanted was read: nothing follows the last file.
func (r *reader) enough(p *part) bool {
	return p.past && p.file == r.last && (p.file.Format == sources.CSV || p.file.Lines)
}

// profile describes what was gathered.
func (r *reader) profile() (*Profile, error) {
	out := &Profile{Files: []File{}, Fits: []Fit{}}
	var trial []*sources.Record
	for _, f := range r.files {
		f.endFile()
		f.describe()
		for _, s := range f.shapes {
			trial = append(trial, s.kept...)
		}
		out.Files = append(out.Files, f.File)
	}
	now := r.opt.Now
	if now.IsZero() {
		now = time.Now()
	}
	return out, judge(out, r.files, trial, r.opt.Presets, now)
}

// describe fills in the file from its sums.
func (f *fileSum) describe() {
	f.Shapes = []Shape{}
	for _, s := range f.shapes {
		f.Shapes = append(f.Shapes, f.shapeOf(s))
	}
	for _, b := range f.first.Beside() {
		f.Beside = append(f.Beside, Beside{b.Path, b.Count})
	}
	f.Sure, f.WhyUnsure = f.sure()
}

func (f *fileSum) shapeOf(s *shapeSum) Shape {
	row := f.first.Format == sources.CSV
	s.unite(&s.root)
	out := Shape{Fields: []Field{}, Place: s.place, Records: s.records, Blank: s.blank, Dropped: len(s.dropped), Texts: s.texts}
	if s.root.stats.met() > 0 || s.root.lists > 0 { // values that are no objects
		out.Fields = append(out.Fields, s.root.field(".", "", s.records, row))
	}
	out.Fields = s.fields(&s.root, "", "", s.root.objects, row, out.Fields)
	if len(out.Fields) > MaxFields {
		out.Dropped += len(out.Fields) - MaxFields
		out.Fields = out.Fields[:MaxFields]
	}
	out.judgeKind()
	out.findMeanings()
	out.findCandidates()
	if f := out.Field(out.Best(Body)); out.Texts == 0 && f != nil && f.Filled > 0 && out.Messages != "" { // its name says little: value
		out.Texts = min(out.Records, out.Field(out.Messages).Filled)
	}
	out.findTimes()
	out.findDuplicates(s)
	f.findSigns(s, &out)
	return out
}

// sure tells how much speaks for the format, the encoding and the delimiter.
func (f *fileSum) sure() (float64, string) {
	switch {
	case f.Records == 0 && f.Format == string(sources.CSV) && len(f.first.Columns) == 0:
		return 0, "the file is empty"
	case f.Records == 0:
		return 0.5, "it holds no record"
	}
	share := float64(f.Records-f.Bad) / float64(f.Records)
	why := ""
	if f.Bad > 0 {
		why = fmt.Sprintf("%s of %s records cannot be read", grouped(f.Bad), grouped(f.Records))
	}
	if f.Format == string(sources.CSV) && len(f.first.Columns) == 1 {
		share, why = share*0.5, "it has one column: is the delimiter right"
	}
	if f.Encoding == "windows-1252" {
		share *= 0.9
		if why == "" {
			why = "its bytes are not UTF-8 and were taken for windows-1252: look at names with accents"
		}
	}
	return share, why
}
