package sandbox

import (
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

// TestSettings: what the documentation does not have is not there, unless a switch puts it there.
func TestSettings(t *testing.T) {
	s := New(Options{})
	call(t, s, "GET", "/api/account", "").want(200).holds("settings", "[]")
	call(t, s, "GET", "/api/rules", "").want(404)
	call(t, s, "GET", "/api/account/settings", "").want(404)

	a := DefaultAccount()
	a.Settings = []Setting{{ID: 3, Type: "auto-merge", Data: jsontext.Value(`{"tickets":{"enabled":true}}`)}}
	a.Rules = []Rule{{ID: 9, Name: "Sort", Events: "ticket-created", Code: "Action('addTags')", Off: true}}
	a.Integrations = append(a.Integrations, Integration{ID: 72, Type: "http", Name: "Orders", Triggers: []string{"ticket-created"}})
	s = New(Options{Account: a, Rules: true, Unknowns: Unknowns{ShowRules: true, ShowSettings: true}})
	call(t, s, "GET", "/api/account", "").want(200).holds("settings.0.type", "auto-merge", "settings.0.data.tickets.enabled", "true")
	call(t, s, "GET", "/api/account/settings?type=auto-merge", "").want(200).holds("data.0.id", "3")
	call(t, s, "GET", "/api/account/settings?type=business-hours", "").want(200).holds("data", "[]")
	call(t, s, "GET", "/api/rules?limit=100", "").want(200).holds("data.0.id", "1", "data.0.deactivated_datetime", "null", "data.1.name", "Sort")
	call(t, s, "GET", "/api/integrations?type=http", "").want(200).holds("data.0.http.triggers.ticket-created", "true")
	call(t, s, "GET", "/api/integrations?type=email", "").want(200).holds("data.0.http", "null")
}

// TestUnfaithful: accounts that do what a canary is there to find.
func TestUnfaithful(t *testing.T) {
	const ticket = `{"customer":{"email":"me@own.test"},"channel":"email","via":"api","status":"closed","messages":[
		{"channel":"email","via":"api","from_agent":true,"public":true,"sender":{"id":11},"body_text":"a","sent_datetime":"2020-01-02T03:04:05Z"},
		{"channel":"internal-note","via":"api","from_agent":true,"public":false,"sender":{"id":11},"body_text":"b","sent_datetime":"2020-01-02T03:05:05Z"}]}`
	s := New(Options{Unknowns: Unknowns{SentIgnored: true}, Now: at(noon)})
	id := call(t, s, "POST", "/api/tickets", ticket).want(201).at("id")
	call(t, s, "GET", "/api/tickets/"+id, "").want(200).holds("messages.0.sent_datetime", "2026-08-26T12:00:00.123456+00:00",
		"messages.1.sent_datetime", "2020-01-02T03:05:05.000000+00:00", "satisfaction_survey", "null")
	if mails := s.Outbox(); len(mails) != 1 || mails[0].To != "" && mails[0].To != "me@own.test" {
		t.Errorf("%+v", mails)
	}
	s = New(Options{Unknowns: Unknowns{NotesPublic: true, SurveyOnClose: true}, Now: at(noon)})
	id = call(t, s, "POST", "/api/tickets", ticket).want(201).at("id")
	call(t, s, "GET", "/api/tickets/"+id, "").want(200).holds("messages.1.public", "true",
		"satisfaction_survey.should_send_datetime", "2026-08-26T13:00:00.123456+00:00")
}
