package mapping

import "testing"

// TestPersonOfList: of a list that is split the first is the person.
func TestPersonOfList(t *testing.T) {
	m := compiled(t, `version: 1
tickets: { t: { external_id: id, customer: { from: to, split: "," } } }
messages: { m: { body_text: body, sent_datetime: at, author: { email: { const: a@example.com } } } }
`)
	f := rowFile("id", "to", "body", "at")
	var out Result
	m.Mapper(Env{Now: testNow}).Map(row(f, "1", "Bo <b@example.com>, c@example.com", "b", "2020-01-02T03:04:05Z"), &out)
	if c := out.Tickets[0].Customer; len(out.Problems) > 0 || c.Email != "b@example.com" || c.Name != "Bo" {
		t.Errorf("%+v, problems %v", c, out.Problems)
	}
}
