package sandbox

import (
	"fmt"
	"net/http"

	"github.com/go-json-experiment/json/jsontext"
)

type settingView struct {
	ID   int64          `json:"id"`
	Type string         `json:"type"`
	Data jsontext.Value `json:"data"`
}

// settings are the account's, an empty list where it has none.
func (s *Server) settings() []settingView {
	out := []settingView{}
	for _, x := range s.account.Settings {
		out = append(out, viewSetting(x))
	}
	return out
}

func viewSetting(x Setting) settingView {
	if x.Data == nil {
		x.Data = jsontext.Value("{}")
	}
	return settingView(x)
}

// listSettings is GET /api/account/settings.
func (s *Server) listSettings(w http.ResponseWriter, r *http.Request) {
	q := newQuery(r.URL.RawQuery, "cursor", "limit", "order_by", "type")
	p := q.paging("/api/account/settings", "created_datetime")
	serveList(w, q, p, s.account.Settings, func(x Setting) int64 { return x.ID },
		func(x Setting) bool { return !q.has("type") || x.Type == q.text("type") }, viewSetting)
}

// listRules is GET /api/rules.
func (s *Server) listRules(w http.ResponseWriter, r *http.Request) {
	q := newQuery(r.URL.RawQuery, "cursor", "limit", "order_by")
	p := q.paging("/api/rules", "created_datetime")
	type view struct {
		ID              int64  `json:"id"`
		URI             string `json:"uri"`
		Name            string `json:"name"`
		Description     string `json:"description"`
		EventTypes      string `json:"event_types"`
		Code            string `json:"code"`
		Type            string `json:"type"`
		Priority        int    `json:"priority"`
		CreatedDatetime stamp  `json:"created_datetime"`
		UpdatedDatetime stamp  `json:"updated_datetime"`
		Deactivated     stamp  `json:"deactivated_datetime"`
	}
	serveList(w, q, p, s.shownRules(), func(x Rule) int64 { return x.ID }, all[Rule], func(x Rule) view {
		out := view{ID: x.ID, URI: fmt.Sprintf("/api/rules/%d/", x.ID), Name: x.Name, EventTypes: x.Events, Code: x.Code, Type: "user",
			CreatedDatetime: stamp(s.began), UpdatedDatetime: stamp(s.began)}
		if x.Off {
			out.Deactivated = stamp(s.began)
		}
		return out
	})
}

// shownRules are the account's, and the one that answers new tickets where that is switched on.
func (s *Server) shownRules() []Rule {
	rules := s.account.Rules
	if s.rules {
		rules = append(rules[:len(rules):len(rules)], Rule{ID: autoAnswerRule, Name: "Thank the customer", Events: "ticket-created",
			Code: "if (eq(message.from_agent, false)) { Action('replyToTicket', {body_text: 'Thank you for your message.'}) }"})
	}
	return rules
}

type httpView struct {
	URL      string          `json:"url"`
	Method   string          `json:"method"`
	Triggers map[string]bool `json:"triggers"`
}

// http is what an HTTP integration is set to.
func (i *Integration) http() *httpView {
	out := &httpView{URL: "https://hook.example.com/orders?key=hook-secret", Method: "POST", Triggers: map[string]bool{}}
	for _, event := range i.Triggers {
		out.Triggers[event] = true
	}
	return out
}
