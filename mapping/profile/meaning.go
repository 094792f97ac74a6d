package profile

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Meaning is what a value of a field says of its message.
type Meaning string

// The meanings of values. Public says that a message is no note, and nothing of who wrote it.
const (
	Incoming Meaning = "incoming" // by the customer
	Outgoing Meaning = "outgoing" // by the company, to the customer
	Note     Meaning = "note"     // by the company, for itself
	Openly   Meaning = "public"
)

// meaningTable lists words by meaning in English, German, French, Spanish and Dutch. Case, accents, blanks, _ - and
// camelCase do not count.
func meaningTable() map[Meaning]string {
	return map[Meaning]string{
		Incoming: "in, inbound, incoming, received, customer, client, user, end user, requester, contact, visitor, lead, from customer, customer message, customer reply, " +
			"eingehend, eingang, empfangen, kunde, kundin, benutzer, anfrager, entrant, entrante, reçu, reçue, utilisateur, demandeur, visiteur, " +
			"cliente, usuario, recibido, recibida, solicitante, visitante, inkomend, inkomende, ontvangen, klant, gebruiker, aanvrager, bezoeker",
		Outgoing: "out, outbound, outgoing, sent, agent, staff, admin, operator, support, team, teammate, employee, company, to customer, agent message, agent reply, staff reply, " +
			"ausgehend, ausgang, gesendet, mitarbeiter, mitarbeiterin, bearbeiter, sortant, sortante, envoyé, envoyée, conseiller, opérateur, " +
			"saliente, agente, enviado, enviada, empleado, operador, uitgaand, uitgaande, verzonden, medewerker, behandelaar",
		Note: "note, private, internal, internal note, private note, agent note, staff note, internal comment, private comment, internal message, " +
			"notiz, intern, privat, interne notiz, private notiz, interner kommentar, interne, privé, privée, note interne, note privée, commentaire interne, " +
			"nota, interno, interna, privado, privada, nota interna, nota privada, comentario interno, comentario privado, notitie, interne notitie, privénotitie, interne opmerking",
		Openly: "public, visible, comment, reply, message, public comment, public reply, external, " +
			"öffentlich, öffentliche antwort, öffentlicher kommentar, antwort, kommentar, nachricht, publique, réponse, réponse publique, commentaire, commentaire public, " +
			"público, pública, respuesta, respuesta pública, comentario, comentario público, mensaje, openbaar, openbare reactie, openbare opmerking, reactie, antwoord, opmerking, bericht",
	}
}

var meanings = sync.OnceValue(func() map[string]Meaning {
	found := map[string]Meaning{}
	for meaning, words := range meaningTable() {
		for word := range strings.SplitSeq(words, ",") {
			found[plainName(strings.TrimSpace(word))] = meaning
		}
	}
	return found
})

// maxWords is how many different values a field of words such as "inbound" has at most.
const maxWords = 20

// findMeanings tells of the fields of messages what their values mean, where at least half of these are known.
func (s *Shape) findMeanings() {
	if s.Kind == People || s.Kind == Other {
		return
	}
	for i := range s.Fields {
		f := &s.Fields[i]
		if f.List != s.Messages || f.Type != Text && f.Type != Mixed || len(f.Values) == 0 || len(f.Values) > maxWords || f.MaxLen > 40 {
			continue
		}
		plain := plainName(roleName(f.Path, s.Messages))
		if !mayTell(plain) || s.Kind == Tickets && !hasRole(plain, Direction, Internal, Public) {
			continue
		}
		known := map[string]Meaning{}
		for _, v := range f.Values {
			if m := meanings()[plainName(v.Value)]; m != "" {
				known[v.Value] = m
			}
		}
		if len(known)*2 >= len(f.Values) {
			f.Meanings = known
		}
	}
}

// mayTell tells whether a field called so may say who wrote a message or for whom. What a heading calls a status or a
// recipient says something else with the same words.
func mayTell(plain string) bool {
	for _, u := range aliases()[plain] {
		switch u.role {
		case Direction, Internal, Public, Channel, AuthorType, Author, AuthorName, From, PersonRole, PersonName, Assignee:
		default:
			if !u.weak() {
				return hasRole(plain, Direction, Internal, Public)
			}
		}
	}
	return true
}

// says tells whether a value of the field has one of the meanings.
func (f *Field) says(any ...Meaning) bool {
	for _, m := range f.Meanings {
		if slices.Contains(any, m) {
			return true
		}
	}
	return false
}

// tellsSide tells whether the field is one of words that say who wrote a message or for whom, and nothing else.
func (f *Field) tellsSide() bool {
	return len(f.Meanings) > 0 && len(f.Meanings) == len(f.Values) && f.says(Incoming, Outgoing, Note)
}

// byMeaning judges a field for the roles that its values speak for, whatever its heading is.
func (s *Shape) byMeaning(f *Field, role Role) (Candidate, bool) {
	if f.List != s.Messages || len(f.Meanings) == 0 {
		return Candidate{}, false
	}
	score := 0.0
	switch role {
	case Direction:
		switch {
		case f.says(Incoming) && f.says(Outgoing):
			score = 0.95
		case f.says(Incoming, Outgoing) && f.says(Note):
			score = 0.85
		case f.says(Incoming, Outgoing):
			score = 0.6
		}
		if hasRole(plainName(roleName(f.Path, s.Messages)), AuthorType) {
			score -= 0.2
		}
	case Internal:
		switch {
		case f.says(Note) && f.says(Incoming, Outgoing, Openly):
			score = 0.9
		case f.says(Note):
			score = 0.6
		}
	}
	if len(f.Meanings) < len(f.Values) { // what the other values say is open
		score /= 2
	}
	if score <= 0 {
		return Candidate{}, false
	}
	return Candidate{Path: f.Path, Score: round2(score), Why: "by its values: " + f.spokenMeanings()}, true
}

// spokenMeanings lists what the values mean, those most met first.
func (f *Field) spokenMeanings() string {
	var list []string
	for _, v := range f.Values {
		if m := f.Meanings[v.Value]; m != "" && len(list) < 6 {
			list = append(list, fmt.Sprintf("%s is %s", v.Value, m))
		}
	}
	return strings.Join(list, ", ")
}
