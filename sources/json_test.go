package sources

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestJSON(t *testing.T) {
	tests := []struct {
		name, file, text string
		places           []string
		want             []string
	}{
		{name: "array", text: `[{"id":1},{"id":"x\ny"}]`, want: []string{`0/0 {id:1}`, `0/1 {id:"x\ny"}`}},
		{name: "array over lines", text: "[\n {\"id\":1},\n\n {\"id\":\n2}\n]\n", want: []string{"2/0 {id:1}", "4/1 {id:2}"}},
		{name: "empty array", text: " [ ] "},
		{name: "scalars", text: `[1, "a", null, true, [], {}]`, want: []string{"0/0 1", `0/1 "a"`, "0/2 null", "0/3 true", "0/4 []", "0/5 {}"}},
		{name: "lonely string", text: `"a b"`, want: []string{`0/0 "a b"`}},
		{name: "wrapper", text: `{"count":2,"tickets":[{"id":1},{"id":2}],"next_page":null}`, want: []string{"0/0[tickets] {id:1}", "0/1[tickets] {id:2}"}},
		{name: "wrapper of two lists", text: `{"comments":[{"id":1}],"names":["a","b"],"users":[{"id":2}]}`, want: []string{"0/0[comments] {id:1}", "0/0[users] {id:2}"}},
		{name: "empty wrapper", text: `{"tickets":[],"next_page":null}`},
		{name: "hal", text: `{"_embedded":{"conversations":[{"id":1,"_embedded":{"threads":[{"id":2}]}}]},"_links":{},"page":{"size":25}}`,
			want: []string{"0/0[_embedded.conversations] {id:1,_embedded:{threads:[{id:2}]}}"}},
		{name: "numbered", text: `{"0":{"case":{"id":1}},"1":{"case":{"id":2}},"total_count":2}`, want: []string{"0/0 {case:{id:1}}", "0/1 {case:{id:2}}"}},
		{name: "one ticket", text: "{\"id\":1,\n\"comments\":[{\"id\":2}]}", want: []string{"1/0 {id:1,comments:[{id:2}]}"}},
		{name: "one wrapped ticket", text: `{"helpdesk_ticket":{"display_id":1,"notes":[{"id":2}]}}`, want: []string{"0/0 {helpdesk_ticket:{display_id:1,notes:[{id:2}]}}"}},
		{name: "place", text: `{"meta":{"items":[{"a":1}]},"data":{"items":[{"b":1}],"x":[{"c":1}]}}`, places: []string{"data.items"}, want: []string{"0/0[data.items] {b:1}"}},
		{name: "place of one object", text: `{"item":{"id":1}}`, places: []string{"items", "item"}, want: []string{"0/0[item] {id:1}"}},
		{name: "one record in an API's envelope", text: `{"status":200,"data":{"id":1,"tags":[{"id":2}]},"resource":"case"}`, want: []string{"0/0[data] {id:1,tags:[{id:2}]}"}},
		{name: "envelopes that follow one another", text: `{"status":200,"data":{"id":1}}` + "\n" + `{"status":200,"data":{"id":2}}`, want: []string{"1/0[data] {id:1}", "2/1[data] {id:2}"}},
		{name: "one record under a name alone", text: `{"ticket":{"id":1}}`, want: []string{"0/0 {ticket:{id:1}}"}},
		{name: "place is the root", text: `{"tickets":[{"id":1}]}`, places: []string{RootPlace}, want: []string{"0/0 {tickets:[{id:1}]}"}},
		{name: "place not there", text: `[{"id":1}]`, places: []string{"tickets"}, want: []string{"0/0 {id:1}"}},
		{name: "ndjson", text: "{\"id\":1,\"comments\":[{\"id\":2}]}\n\n{\"id\":3}\r\n", want: []string{"1/0 {id:1,comments:[{id:2}]}", "3/1 {id:3}"}},
		{name: "ndjson without ids", text: "{\"a\":1,\"list\":[{\"b\":2}]}\n{\"a\":3}", want: []string{"1/0 {a:1,list:[{b:2}]}", "2/1 {a:3}"}},
		{name: "ndjson by its ending", file: "x.ndjson", text: "{\"id\":\n{\"id\":3}\n1\n", want: []string{"1/0! record.json", "2/1 {id:3}", "3/2 1"}},
		{name: "empty ndjson", file: "x.jsonl", text: "\n"},
		{name: "ndjson, bad lines", text: "{\"id\":1}\n{\"id\":2\n{\"id\":3}}\n{\"id\":4},\n{\"id\":5,\"id\":6}\n{\"id\":7}\n",
			want: []string{"1/0 {id:1}", "2/1! record.json", "3/2! record.json", "4/3! record.json", "5/4! record.repeated", "6/5 {id:7}"}},
		{name: "concatenated", text: "{\n\"id\": 1\n}\n{\n\"id\": 2\n}{\"id\":3}", want: []string{"1/0 {id:1}", "4/1 {id:2}", "6/2 {id:3}"}},
		{name: "concatenated pages", text: `{"tickets":[{"id":1}],"next_page":"u"}` + "\n" + `{"tickets":[{"id":2}],"next_page":null}`,
			want: []string{"1/0[tickets] {id:1}", "2/1[tickets] {id:2}"}},
		{name: "concatenated arrays", text: `[{"id":1}] [{"id":2}]`, want: []string{"0/0 {id:1}", "0/1 {id:2}"}},
		{name: "numbers keep their text", text: `[{"id":12345678901234567890,"t":1453770984.1230,"e":1E5}]`, want: []string{"0/0 {id:12345678901234567890,t:1453770984.1230,e:1E5}"}},
		{name: "escapes", text: `[{"\u00e9":"\"\\\/\ud83d\ude00"}]`, want: []string{"0/0 {é:\"\\\"\\\\/😀\"}"}},
		{name: "repeated key", text: `[{"a":1},{"a":1,"a":2},{"a":3}]`, want: []string{"0/0 {a:1}", "0/1! record.repeated", "0/2 {a:3}"}},
		{name: "bad utf-8", text: "[{\"a\":1},{\"a\":\"\xff\"},{\"a\":3}]", want: []string{"0/0 {a:1}", "0/1! record.encoding", "0/2 {a:3}"}},
		{name: "lone surrogate", text: `[{"a":"\ud83d"},{"a":3}]`, want: []string{"0/0! record.json", "0/1 {a:3}"}},
		{name: "deep", text: "[" + strings.Repeat("[", 201) + strings.Repeat("]", 201) + ",1]", want: []string{"0/0! record.deep", "0/1 1"}},
		{name: "deepest", text: "[" + strings.Repeat("[", 200) + strings.Repeat("]", 200) + "]",
			want: []string{"0/0 " + strings.Repeat("[", 200) + strings.Repeat("]", 200)}},
		{name: "broken elements", text: `[{"a":tru},{"a":1 "b":2},,{"a":"x` + "\n" + `y"},1 2,{"a":3},]`,
			want: []string{"1/0! record.json", "1/1! record.json", "1/2! record.json", "1/3! record.json", "2/4! record.json", "2/5 {a:3}", "2/6! record.json"}},
		{name: "torn array", text: `[{"a":1},{"a":2`, want: []string{"0/0 {a:1}", "0/1! record.torn"}},
		{name: "array not closed", text: `[{"a":1}`, want: []string{"0/0! record.torn"}},
		{name: "array ends after a comma", text: `[{"a":1},`, want: []string{"0/0 {a:1}", "0/1! record.torn"}},
		{name: "torn wrapper", text: `{"tickets":[{"id":1}],"x":`, want: []string{"0/0[tickets] {id:1}", "0/0! record.torn"}},
		{name: "broken wrapper", text: `{"tickets":[{"id":1}],"x":tru,"users":[{"id":1}]}`, want: []string{"0/0[tickets] {id:1}", "0/0[x]! record.json", "0/0[users] {id:1}"}},
		{name: "text after the array", text: `[{"a":1}] x`, want: []string{"0/0 {a:1}", "0/1! record.torn"}},
		{name: "empty file", text: " \n", want: []string{"0/0! record.json"}},
		{name: "no list at the place", text: "{\"a\":[1],\"b\":{\"c\":1},\"zz\":" + strings.Repeat(" ", sampleSize) + "1}", places: []string{"tickets"}, want: []string{"0/0! record.json"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.file == "" {
				tt.file = "x.json"
			}
			s := open(t, Options{Places: tt.places}, write(t, tt.file, tt.text))
			for _, s.chunk = range []int{chunkSize, 1, 7} {
				same(t, dump(t, s), tt.want...)
			}
		})
	}
}

// What cannot be split is one bad record that says how much is left unread.
func TestJSONUnread(t *testing.T) {
	s := open(t, Options{}, write(t, "x.json", `[{"a":1}] x`+strings.Repeat("y", 1<<20)))
	for p := range s.Pieces(t.Context()) {
		for _, err := range p.Records() {
			var bad *BadRecord
			if errors.As(err, &bad) && !strings.Contains(err.Error(), fmt.Sprintf("%d bytes from here are left unread", 1+1<<20)) {
				t.Errorf("%v", err)
			}
		}
	}
}

func TestJSONLargeElement(t *testing.T) {
	body := strings.Repeat(`line \"one\" { [ `, 1<<20)
	for _, form := range []string{`[{"a":1},{"a":"%s"},{"a":3}]`, `{"t":[{"a":1},{"a":"%s"},{"a":3}]}`, `{"id":1}` + "\n" + `{"a":"%s"}` + "\n" + `{"a":3}`} {
		s := open(t, Options{}, write(t, "x.json", fmt.Sprintf(form, body)))
		got := dump(t, s)
		if len(got) != 3 || len(got[1]) < len(body) || !strings.HasSuffix(got[2], "{a:3}") {
			t.Errorf("%d records for %.20s", len(got), form)
		}
	}
}

// A value over the limit is a bad record; those after it are read.
func TestJSONTooLarge(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 140 MB")
	}
	body := strings.Repeat("x", maxRecord+chunkSize)
	s := open(t, Options{}, write(t, "x.json", `[{"a":1},{"a":"`+body+`"},{"a":3}]`))
	same(t, dump(t, s), "0/0 {a:1}", "0/1! record.size", "0/2 {a:3}")
	s = open(t, Options{}, write(t, "x.json", "{\"a\":1}\n{\"a\":\""+body+"\"}\n{\"a\":3}\n"))
	same(t, dump(t, s), "1/0 {a:1}", "2/1! record.size", "3/2 {a:3}")
}

func TestNodes(t *testing.T) {
	s := open(t, Options{}, write(t, "x.json", `[{"a":{"b":[10,11,12]},"c":null,"e":[]}]`))
	for p := range s.Pieces(t.Context()) {
		for r, err := range p.Records() {
			if err != nil {
				t.Fatal(err)
			}
			list := r.Child(r.Child(0, "a"), "b")
			for n, want := range map[int]string{0: "10", 2: "12", -1: "12", -3: "10"} {
				if i := r.Item(list, n); i == 0 || r.Nodes[i].Text != want {
					t.Errorf("item %d is node %d", n, i)
				}
			}
			if r.Item(list, 3) != 0 || r.Item(list, -4) != 0 || r.Item(0, 0) != 0 || r.Child(list, "a") != 0 || r.Child(0, "x") != 0 || r.Child(99, "x") != 0 {
				t.Error("something is found that is not there")
			}
			if r.Len(list) != 3 || r.Len(0) != 3 || r.Len(r.Child(0, "e")) != 0 {
				t.Error("lengths")
			}
			if string(r.Raw) != `{"a":{"b":[10,11,12]},"c":null,"e":[]}` {
				t.Errorf("raw %s", r.Raw)
			}
		}
	}
}
