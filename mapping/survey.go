package mapping

import "github.com/deskferry/deskferry/sources"

// Survey gathers the times of fields whose layout is auto, over a whole input. [Mapper.Map] runs first without one;
// where a Result says Unsettled the caller stops, surveys every record, settles, and maps again from the start with
// Env.Settled. A survey belongs to one goroutine; those of several are merged.
type Survey struct {
	m       *Mapping
	fields  []surveyed
	settled []*layouts
}

// surveyed is the evidence for one field.
type surveyed struct {
	evidence evidence
	count    int64
}

func (f *surveyed) add(s string) {
	f.evidence.add(s)
	f.count++
}

// NewSurvey returns an empty survey.
func (m *Mapping) NewSurvey() *Survey {
	return &Survey{m: m, fields: make([]surveyed, len(m.autos))}
}

// Survey adds the times of r to s.
func (w *Mapper) Survey(r *sources.Record, s *Survey) {
	w.survey = s
	w.scratch.Reset()
	w.Map(r, &w.scratch)
	w.survey = nil
}

// Merge adds what another survey of the same mapping has gathered.
func (s *Survey) Merge(other *Survey) {
	for i := range other.fields {
		s.fields[i].evidence.merge(&other.fields[i].evidence)
		s.fields[i].count += other.fields[i].count
	}
}

// Settle finds each field's layouts. A field whose day and month cannot be told apart anywhere is a problem that
// names both readings; its times then are problems of their own records as well. Settle is called once, after the
// last Merge.
func (s *Survey) Settle() []Problem {
	var out []Problem
	s.settled = make([]*layouts, len(s.fields))
	for i := range s.fields {
		f := &s.fields[i]
		if f.count == 0 {
			continue
		}
		l, err := f.evidence.settle()
		if err != nil {
			out = append(out, Problem{Field: s.m.autos[i], Code: codeTimeAmbiguous, Value: f.evidence.example(), Hint: err.Error(), Severity: Error})
			continue
		}
		s.settled[i] = l
	}
	return out
}
