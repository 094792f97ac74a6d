package mapping

import (
	"sync"
	"testing"
)

// FuzzMapping loads any mapping and maps a document and a row with it: neither may panic, and each record ends in
// one state.
func FuzzMapping(f *testing.F) {
	for _, s := range []string{simple, zendesk, benchYAML, hostile} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, yaml string) {
		m, err := tryCompile(yaml, "groups.csv", "id,name\n1,x\n")
		if err != nil {
			return
		}
		w := m.Mapper(Env{Now: testNow})
		out := &Result{}
		w.Map(doc(t, docFile("tickets1.json"), zendeskTicket), out)
		checkStates(t, out)
		out.Reset()
		w.Map(benchRow(), out)
		checkStates(t, out)
		w.Coverage().Unplaced()
	})
}

// TestMappersShareAMapping is for the race detector.
func TestMappersShareAMapping(t *testing.T) {
	m := compiled(t, hostile)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			w, s := m.Mapper(Env{Now: testNow}), m.NewSurvey()
			r := doc(t, docFile("tickets1.json"), zendeskTicket)
			for range 20 {
				out := &Result{}
				w.Map(r, out)
				w.Survey(r, s)
			}
			s.Settle()
			w.Coverage()
		})
	}
	group.Wait()
}
