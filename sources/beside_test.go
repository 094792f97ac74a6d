package sources

import (
	"fmt"
	"testing"
)

func TestBeside(t *testing.T) {
	tests := []struct {
		name, text string
		places     []string
		want       string
	}{
		{name: "a list nobody named", text: `{"tickets":[{"id":1}],"users":[{"id":2},{"id":3}]}`, places: []string{"tickets"}, want: `users 2× {"id":2}; `},
		{name: "all lists are records", text: `{"tickets":[{"id":1}],"users":[{"id":2}]}`},
		{name: "an object", text: `{"tickets":[{"id":1}],"account": {"name":"acme"} }`, want: `account 1× {"name":"acme"}; `},
		{name: "a list of words", text: `{"tickets":[{"id":1}],"names":["a","b"]}`, want: `names 2× "a"; `},
		{name: "deeper", text: `{"data":{"items":[{"b":1}],"x":[{"c":1}]}}`, places: []string{"data.items"}, want: `data.x 1× {"c":1}; `},
		{name: "pages", text: `{"tickets":[{"id":1}],"users":[{"id":1}]} {"tickets":[{"id":2}],"users":[{"id":1}]}`, places: []string{"tickets"}, want: `users 2× {"id":1}; `},
		{name: "nothing to lose", text: `{"tickets":[{"id":1}],"count":1,"a":{ },"b":[],"c":"x","d":null,"meta":{"has_more":true},"links":["u"]}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t, Options{Places: tt.places}, write(t, "x.json", tt.text))
			for range 2 { // a second reading counts nothing twice
				dump(t, s)
				got := ""
				for _, b := range s.Files()[0].Beside() {
					got += fmt.Sprintf("%s %d× %s; ", b.Path, b.Count, b.Example)
				}
				if got != tt.want {
					t.Errorf("got %s, want %s", got, tt.want)
				}
			}
		})
	}
	if (&File{}).Beside() != nil {
		t.Error("a file of no set has nothing beside")
	}
}
