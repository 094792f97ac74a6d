package profile

import (
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

// alias lists the headings of a role in one language. A question mark follows those that may mean something else as well.
// Case, accents, blanks, _ - and camelCase do not count.
type alias struct {
	role  Role
	names string // separated by commas
}

// aliasTable is for each role English, German, French, Spanish, Dutch.
func aliasTable() []alias {
	return []alias{
		{TicketID, "ticket id, ticket number, ticket no, ticket nr, ticket #, ticket ref, case id, case number, case no, conversation id, thread id?, thread?, request id, issue id?, inquiry id, ticket, external ticket id, display id, conversations thread id, ticket ext id, number?, id?, reference?, nice id, cnv id, ticket key, ticket api id, external id?"},
		{TicketID, "ticketnummer, ticket nummer, ticketnr, vorgangsnummer, vorgang, fallnummer, fall id, anfragenummer, anfrage id, vorgangs id, nummer?, aktenzeichen?, ticketkennung"},
		{TicketID, "numéro de ticket, n° ticket, no ticket, id ticket, id du ticket, numéro de demande, numéro du ticket, identifiant du ticket, référence ticket, n° de dossier, numéro de dossier, demande?, numéro?"},
		{TicketID, "número de ticket, n.º de ticket, id de ticket, id del ticket, número de caso, número de solicitud, id de caso, nro ticket, número de incidencia, número?, identificador del ticket, folio"},
		{TicketID, "ticketnummer, ticket-nr, ticketkenmerk, zaaknummer, aanvraagnummer, meldingsnummer, melding id, gespreknummer, gesprek id, dossiernummer, nummer?"},

		{MessageID, "message id, comment id, msg id, reply id, post id, note id, thread ext id, part id, email id?, message number, entry id, event id?, article id, message api id, ticket post id, thread id?, external message id, id?"},
		{MessageID, "nachrichten id, nachrichtennummer, nachricht id, kommentar id, antwort id, beitrag id, mail id, eintrag id"},
		{MessageID, "id message, id du message, identifiant du message, numéro du message, id commentaire, id du commentaire, id réponse"},
		{MessageID, "id de mensaje, id del mensaje, número de mensaje, id de comentario, id del comentario, id de respuesta, identificador del mensaje"},
		{MessageID, "bericht id, bericht nr, berichtnummer, berichtkenmerk, reactie id, opmerking id, antwoord id"},

		{Author, "author, author id, author email, sender, sender email, sender id, from email, from address, user id?, author user id, created by, created by id, created by email, creator, creator id, commenter, replied by, posted by, writer, email?, staff id?, from email address, message author id, sender address, sent by, agent?, commenter id, senders actor id, from?"},
		{Author, "autor, verfasser, absender, absender e-mail, absenderadresse, von?, erstellt von, geschrieben von, autor e-mail, verfasser e-mail, absender id, nutzer id?, benutzer?"},
		{Author, "auteur, expéditeur, e-mail auteur, email de l'auteur, email expéditeur, adresse expéditeur, rédigé par, envoyé par, créé par, id auteur, de?, utilisateur?"},
		{Author, "autor, remitente, correo del remitente, email del remitente, email del autor, escrito por, enviado por, creado por, id de autor, autor id, de?, usuario?"},
		{Author, "auteur, afzender, afzender e-mail, e-mail afzender, geschreven door, verzonden door, gemaakt door, aangemaakt door, auteur id, van?, gebruiker?"},

		{AuthorName, "author name, sender name, from name, created by name, creator name, user name?, full name?, staff name?, message author name, commenter name, name?, author full name, posted by name"},
		{AuthorName, "name des autors, autorname, absendername, name des absenders, verfassername, benutzername?, name?"},
		{AuthorName, "nom de l'auteur, nom auteur, nom expéditeur, nom de l'expéditeur, nom d'utilisateur?, nom?"},
		{AuthorName, "nombre del autor, nombre autor, nombre remitente, nombre del remitente, nombre de usuario?, nombre?"},
		{AuthorName, "naam auteur, auteursnaam, naam afzender, afzendernaam, gebruikersnaam?, naam?"},

		{AuthorType, "author type, sender type, user type, created by type, from type, author role, sender role, actor type, message author type, creator type, creator, author kind, sender kind, role?, author user type"},
		{AuthorType, "autortyp, absendertyp, rolle?, autorrolle, absenderrolle, benutzertyp"},
		{AuthorType, "type d'auteur, type auteur, type expéditeur, rôle?, rôle auteur, type d'utilisateur"},
		{AuthorType, "tipo de autor, tipo autor, tipo de remitente, rol?, rol del autor, tipo de usuario"},
		{AuthorType, "type auteur, auteurtype, type afzender, rol?, rol auteur, gebruikerstype"},

		{Direction, "direction, incoming, is incoming, inbound, is inbound, in or out, from agent, is from agent, is customer, from customer, message type?, is requester, message direction, outgoing, is outgoing, outbound, hs email direction, in out"},
		{Direction, "richtung, eingehend, ausgehend, nachrichtenrichtung, vom kunden, von agent, ein aus, eingang ausgang"},
		{Direction, "direction, sens, entrant, sortant, sens du message, du client, entrée sortie"},
		{Direction, "dirección del mensaje, sentido, entrante, saliente, del cliente, dirección?, entrada salida"},
		{Direction, "richting, inkomend, uitgaand, van klant, van agent, berichtrichting, in uit"},

		{Internal, "internal, is internal, private, is private, note?, is note, internal note, private note, hidden?, staff only, visibility?, internal comment, agent only"},
		{Internal, "intern, ist intern, interne notiz, privat, vertraulich, notiz?, nur intern, ist privat"},
		{Internal, "interne, est interne, privé, note interne, est privé, note?, confidentiel, commentaire interne"},
		{Internal, "interno, es interno, privado, nota interna, es privado, nota?, confidencial, comentario interno"},
		{Internal, "intern, is intern, interne notitie, privé, is privé, notitie?, vertrouwelijk, interne opmerking"},

		{Public, "public, is public, visible to customer, is visible, customer visible, published?, public comment"},
		{Public, "öffentlich, ist öffentlich, sichtbar für kunden, sichtbar, öffentlicher kommentar, kundensichtbar"},
		{Public, "public, est public, visible par le client, publique, commentaire public, visible"},
		{Public, "público, es público, visible para el cliente, pública, comentario público, visible"},
		{Public, "openbaar, is openbaar, zichtbaar voor klant, publiek, openbare reactie, zichtbaar"},

		{Status, "status, ticket status, state, case status, status name, conversation state, conversation status, current status, status label, ticket state, status id, submit status, hs pipeline stage, status type?, resolution status"},
		{Status, "status, ticketstatus, zustand, bearbeitungsstatus, stand, vorgangsstatus, fallstatus"},
		{Status, "statut, état, statut du ticket, état du ticket, statut de la demande, situation"},
		{Status, "estado, estado del ticket, estatus, situación, estado del caso, estado de la solicitud"},
		{Status, "status, ticketstatus, staat, toestand, stand van zaken, zaakstatus"},

		{Priority, "priority, ticket priority, priority name, urgency, severity, importance, priority label, priority id, hs ticket priority, case priority"},
		{Priority, "priorität, dringlichkeit, wichtigkeit, prio, ticketpriorität, schweregrad"},
		{Priority, "priorité, urgence, importance, gravité, priorité du ticket, niveau de priorité"},
		{Priority, "prioridad, urgencia, importancia, gravedad, prioridad del ticket, nivel de prioridad"},
		{Priority, "prioriteit, urgentie, belang, ernst, ticketprioriteit, prioriteitsniveau"},

		{Subject, "subject, title, topic?, ticket subject, ticket name, ticket title, summary?, email subject, hs email subject, raw subject?, case subject, headline"},
		{Subject, "betreff, titel, thema?, ticketbetreff, betreffzeile, überschrift, anliegen?"},
		{Subject, "sujet, objet, titre, sujet du ticket, objet du message, intitulé"},
		{Subject, "asunto, título, tema?, asunto del ticket, asunto del mensaje, encabezado"},
		{Subject, "onderwerp, titel, ticketonderwerp, thema?, onderwerpregel, kop?"},

		{Body, "body, message, text, content, contents, body text, message body, message text, comment, comments?, description, description text, plain body, plaintext, plain text, text body, reply, reply text, email body, note body, ticket description, question, answer?, body plain, details?, stripped text?, extract?, response?, hs email text, message content, first message, initial message"},
		{Body, "nachricht, text, inhalt, nachrichtentext, beschreibung, kommentar, antwort, mitteilung, frage, anfrage?, mailtext, textkörper, nachrichteninhalt"},
		{Body, "message, texte, contenu, corps, corps du message, description, commentaire, réponse, question, texte du message, contenu du message"},
		{Body, "mensaje, texto, contenido, cuerpo, cuerpo del mensaje, descripción, comentario, respuesta, pregunta, texto del mensaje"},
		{Body, "bericht, tekst, inhoud, berichttekst, omschrijving, beschrijving, opmerking, reactie, antwoord, vraag, berichtinhoud"},

		{BodyHTML, "body html, html body, html, message html, description html, rich text, html content, content html, html text, hs email html, html message, body as html, html description"},
		{BodyHTML, "html text, html inhalt, nachricht html, html nachricht, inhalt html, text html"},
		{BodyHTML, "corps html, message html, contenu html, texte html, html du message, description html"},
		{BodyHTML, "cuerpo html, mensaje html, contenido html, texto html, html del mensaje, descripción html"},
		{BodyHTML, "html tekst, html inhoud, bericht html, html bericht, inhoud html, tekst html"},

		{SentTime, "sent at, sent time, sent date, sent, sent datetime, send at, send date time, send time, message date, message time, date?, created at, created, created time, create date, created datetime, created date, created on, timestamp, posted at, posted on, comment date, message created at, received at, received time, datetime, time?, dateline, date sent, logged at, hs timestamp, creation date, date time, commented time, creation time, reply date"},
		{SentTime, "gesendet am, gesendet, sendedatum, versendet am, versanddatum, datum?, zeitpunkt, erstellt am, erstellt, erstelldatum, nachrichtendatum, empfangen am, beantwortet, beantwortet am, uhrzeit?, eingang am"},
		{SentTime, "envoyé le, date d'envoi, date?, date du message, créé le, créée le, date de création, heure d'envoi, horodatage, reçu le, date de réponse, répondu le"},
		{SentTime, "enviado el, fecha de envío, fecha?, fecha del mensaje, creado el, fecha de creación, hora de envío, recibido el, fecha y hora, fecha de respuesta, marca de tiempo"},
		{SentTime, "verzonden op, verzonden, verzenddatum, datum?, berichtdatum, aangemaakt op, gemaakt op, aanmaakdatum, ontvangen op, tijdstip, datum en tijd, beantwoord op"},

		{CreatedTime, "created at, created, created time, create date, created datetime, created date, created on, creation date, date created, opened at, opened, open date, ticket created, ticket created at, conversation created at, received?, date?, requested at, submitted at, createdate, creation time, date opened, ticket creation date"},
		{CreatedTime, "erstellt am, erstellt, erstelldatum, angelegt am, eröffnet am, erstellungsdatum, eingegangen am, datum?, anlagedatum, eröffnet"},
		{CreatedTime, "créé le, créée le, date de création, ouvert le, date d'ouverture, créé, créé à, date?"},
		{CreatedTime, "creado el, fecha de creación, creado, abierto el, fecha de apertura, fecha creación, fecha?"},
		{CreatedTime, "aangemaakt op, aangemaakt, aanmaakdatum, gemaakt op, geopend op, datum aangemaakt, geopend, datum?"},

		{UpdatedTime, "updated at, updated, last updated, modified, modified at, modified time, last modified, last update, updated time, updated datetime, last activity, hs lastmodifieddate, update date, user updated at"},
		{UpdatedTime, "aktualisiert am, aktualisiert, geändert am, letzte änderung, änderungsdatum, zuletzt geändert, letzte aktivität"},
		{UpdatedTime, "mis à jour le, modifié le, dernière modification, dernière mise à jour, date de modification, dernière activité"},
		{UpdatedTime, "actualizado el, modificado el, última modificación, última actualización, fecha de modificación, última actividad"},
		{UpdatedTime, "bijgewerkt op, bijgewerkt, gewijzigd op, laatst gewijzigd, laatste wijziging, laatste activiteit"},

		{ClosedTime, "closed at, closed, closed time, close date, closed datetime, closed on, date closed, solved at, resolved at, resolution date, resolved time, closed date"},
		{ClosedTime, "geschlossen am, geschlossen?, gelöst am, abgeschlossen am, erledigt am, schließdatum, abschlussdatum"},
		{ClosedTime, "fermé le, date de fermeture, résolu le, clôturé le, date de clôture, date de résolution"},
		{ClosedTime, "cerrado el, fecha de cierre, resuelto el, fecha de resolución, finalizado el, fecha cierre"},
		{ClosedTime, "gesloten op, sluitdatum, opgelost op, afgesloten op, datum gesloten, afgehandeld op"},

		{CustomerID, "customer id, requester id, contact id, client id, end user id, customer, requester, user id?, submitter id?, primary customer id, contact ext id, visitor id, userid?, contact, contacts contacts id, client"},
		{CustomerID, "kunden id, kundennummer, kunde id, anfrager id, kontakt id, kontaktnummer, kunde?"},
		{CustomerID, "id client, id du client, numéro client, id demandeur, id contact, client?, demandeur?"},
		{CustomerID, "id cliente, id de cliente, id del cliente, número de cliente, id solicitante, id contacto, cliente?, solicitante?"},
		{CustomerID, "klant id, klantnummer, klant nr, aanvrager id, contact id, klantkenmerk, klant?"},

		{CustomerEmail, "customer email, requester email, contact email, client email, customer e-mail address, email, email address, e-mail, user email, requester email address, customer address, from email?, to address?, requester mail, primary customer email, end user email, email id?"},
		{CustomerEmail, "kunden e-mail, kunde e-mail, kundenmail, e-mail, e-mail-adresse, mailadresse, e-mail des kunden, kontakt e-mail, anfrager e-mail"},
		{CustomerEmail, "email client, e-mail du client, courriel, adresse e-mail, adresse électronique, e-mail demandeur, courriel du client, mail"},
		{CustomerEmail, "correo del cliente, email cliente, correo electrónico, correo, dirección de correo, email del cliente, correo del solicitante, correo electrónico del cliente"},
		{CustomerEmail, "klant e-mail, e-mail klant, e-mailadres, mailadres, e-mail, e-mailadres klant, e-mail aanvrager"},

		{CustomerName, "customer name, requester name, contact name, client name, customer, requester, customer full name, from name?, name?, end user name, full name?, primary customer first, requester, contact"},
		{CustomerName, "kundenname, name des kunden, kunde, kontaktname, anfrager, auftraggeber?, name?"},
		{CustomerName, "nom du client, nom client, client, demandeur, nom du demandeur, nom du contact, nom?"},
		{CustomerName, "nombre del cliente, nombre cliente, cliente, solicitante, nombre del solicitante, nombre de contacto, nombre?"},
		{CustomerName, "klantnaam, naam klant, klant, aanvrager, naam aanvrager, contactnaam, naam?"},

		{Assignee, "assignee, assignee id, assignee email, assigned to, assigned agent, agent, owner, ticket owner, responder, responder id, assigned user, agent name, agent email, assignee name, responder name, admin assignee id, assignee user email, hubspot owner id, owner staff id, staff id, staff name, handler, assigned agent id, owner id, user assigned, assigned, owner staff name"},
		{Assignee, "bearbeiter, zuständig, zugewiesen an, zugewiesen, agent, mitarbeiter, verantwortlicher, sachbearbeiter, betreuer, zuständiger"},
		{Assignee, "assigné à, agent, responsable, attribué à, assigné, propriétaire, agent assigné, conseiller"},
		{Assignee, "asignado a, agente, responsable, asignado, propietario, agente asignado, encargado"},
		{Assignee, "toegewezen aan, behandelaar, medewerker, agent, eigenaar, toegewezen, verantwoordelijke"},

		{Tags, "tags, labels, tag, label, ticket tags, keywords, topics?, tag names, conversation tags, tag list, label names, categories?, tags name, tags tag, labels name"},
		{Tags, "schlagwörter, schlagworte, tags, etiketten, stichwörter, stichworte, markierungen, kategorien?"},
		{Tags, "étiquettes, tags, mots-clés, libellés, balises, marqueurs, catégories?"},
		{Tags, "etiquetas, tags, palabras clave, marcas, marcadores, rótulos, categorías?"},
		{Tags, "labels, tags, trefwoorden, etiketten, markeringen, kenmerken?, categorieën?"},

		{Channel, "channel, source?, via, via channel, ticket channel, source name, origin?, medium, message channel, via type, communication channel, source type, contact channel, source channel, channel type, type?"},
		{Channel, "kanal, quelle?, eingangskanal, medium, herkunft?, kontaktkanal, kommunikationskanal"},
		{Channel, "canal, source?, via, moyen, origine?, canal de contact, canal du ticket"},
		{Channel, "canal, fuente?, vía, medio, origen?, canal de contacto, canal del ticket"},
		{Channel, "kanaal, bron?, via, medium, herkomst?, contactkanaal, invoerkanaal"},

		{Attachments, "attachments, files, attachment, attachment urls, attachment url, file, attachment links, attached files, documents?, uploads, attachment names, cloud files?, embedded attachments, hs attachment ids"},
		{Attachments, "anhänge, anhang, dateien, datei, anlagen, anlage, angehängte dateien"},
		{Attachments, "pièces jointes, pièce jointe, fichiers, fichier, annexes, fichiers joints, documents joints"},
		{Attachments, "adjuntos, archivos adjuntos, adjunto, archivos, archivo adjunto, ficheros, anexos"},
		{Attachments, "bijlagen, bijlage, bestanden, bestand, bijgevoegde bestanden, toegevoegde bestanden"},

		{From, "from, from email, from address, from email address, sender, sender email, source from address, via source from address, mail from, sender address"},
		{From, "von, absender, absenderadresse, absender e-mail, von e-mail, von adresse"},
		{From, "de, expéditeur, adresse expéditeur, email expéditeur, de l'adresse, provenance?"},
		{From, "de, remitente, correo del remitente, email del remitente, dirección del remitente, desde"},
		{From, "van, afzender, afzenderadres, e-mail afzender, van adres, van e-mail"},

		{To, "to, to email, to address, to emails, recipient, recipients, receiver, to email address, recipient email, mail to, delivered to?, source to address, receiver email"},
		{To, "an, empfänger, empfängeradresse, an e-mail, empfänger e-mail, an adresse"},
		{To, "à, destinataire, destinataires, adresse destinataire, email destinataire, pour?"},
		{To, "para, destinatario, destinatarios, correo del destinatario, email destinatario, a?"},
		{To, "aan, ontvanger, ontvangers, ontvangeradres, e-mail ontvanger, aan adres, geadresseerde"},

		{Cc, "cc, cc emails, cc addresses, cc email, cc recipients, copy?, ccs, email ccs, cc input, collaborators?, carbon copy"},
		{Cc, "kopie?, kopie an, cc empfänger, in kopie, cc adressen, cc e-mail"},
		{Cc, "copie?, en copie, cc destinataires, copie à, adresses cc, copie carbone"},
		{Cc, "copia?, con copia, en copia, copia a, direcciones cc, destinatarios en copia"},
		{Cc, "kopie?, kopie aan, in kopie, cc ontvangers, cc adressen, cc e-mail"},

		{Bcc, "bcc, bcc emails, bcc addresses, bcc email, blind copy, bcc recipients, blind carbon copy"},
		{Bcc, "blindkopie, bcc empfänger, bcc adressen, blindkopie an, bcc e-mail"},
		{Bcc, "copie cachée, cci, copie invisible, bcc destinataires, adresses cci"},
		{Bcc, "copia oculta, cco, con copia oculta, direcciones cco, destinatarios ocultos"},
		{Bcc, "blinde kopie, bcc ontvangers, verborgen kopie, bcc adressen, bcc e-mail"},

		{PersonID, "id, user id, contact id, customer id, agent id, person id, contact ext id, agent ext id, external id?"},
		{PersonID, "kunden id, kontakt id, benutzer id, kundennummer, personen id, mitarbeiter id"},
		{PersonID, "id utilisateur, id client, id contact, identifiant, numéro client, id agent"},
		{PersonID, "id usuario, id de usuario, id cliente, id contacto, identificador, id agente"},
		{PersonID, "gebruiker id, klant id, klantnummer, contact id, medewerker id, persoon id"},

		{PersonEmail, "email, e-mail, email address, mail, primary email, user email, contact email, e-mail address, emails"},
		{PersonEmail, "e-mail, e-mail-adresse, mailadresse, mail, kontakt e-mail, benutzer e-mail"},
		{PersonEmail, "e-mail, courriel, adresse e-mail, adresse électronique, mail, email principal"},
		{PersonEmail, "correo electrónico, correo, email, dirección de correo, correo principal, e-mail"},
		{PersonEmail, "e-mail, e-mailadres, mailadres, mail, primair e-mailadres, contact e-mail"},

		{PersonName, "name, full name, display name, user name, contact name, first name?, last name?, fullname"},
		{PersonName, "name, vollständiger name, anzeigename, vorname?, nachname?, benutzername, kontaktname"},
		{PersonName, "nom, nom complet, nom affiché, prénom?, nom d'utilisateur, nom du contact"},
		{PersonName, "nombre, nombre completo, nombre visible, apellidos?, nombre de usuario, nombre de contacto"},
		{PersonName, "naam, volledige naam, weergavenaam, voornaam?, achternaam?, gebruikersnaam, contactnaam"},

		{PersonRole, "role, user role, type?, user type, agent?, is agent, role name, profile?, role id?"},
		{PersonRole, "rolle, benutzerrolle, typ?, benutzertyp, agent?, rollenname"},
		{PersonRole, "rôle, rôle utilisateur, type?, type d'utilisateur, agent?, profil?"},
		{PersonRole, "rol, rol de usuario, tipo?, tipo de usuario, agente?, perfil?"},
		{PersonRole, "rol, gebruikersrol, type?, gebruikerstype, agent?, rolnaam"},
	}
}

// aliasUse is a role a heading may have.
type aliasUse struct {
	role   Role
	weight float64
}

// The weights of headings. Of two that both say it, the one that comes first in the table says it better.
const (
	strongName = 1.0
	weakName   = 0.5
	lateName   = 0.1 // less for the last one
)

func (u aliasUse) weak() bool { return u.weight <= weakName }

// aliases finds roles by plain name.
var aliases = sync.OnceValue(func() map[string][]aliasUse {
	found := map[string][]aliasUse{}
	for _, a := range aliasTable() {
		names := strings.Split(a.names, ",")
		for i, name := range names {
			name, weak := strings.CutSuffix(strings.TrimSpace(name), "?")
			use := aliasUse{a.role, strongName - lateName*float64(i)/float64(len(names))}
			if weak {
				use.weight = weakName
			}
			add(found, plainName(name), use)
		}
	}
	return found
})

// add keeps one use of a role, the one that says most.
func add(to map[string][]aliasUse, plain string, use aliasUse) {
	for i, u := range to[plain] {
		if u.role == use.role {
			to[plain][i].weight = max(u.weight, use.weight)
			return
		}
	}
	to[plain] = append(to[plain], use)
}

// plainName is a heading without case, accents and what stands between its words.
func plainName(s string) string {
	simple := true
	for i := range len(s) {
		c := s[i]
		simple = simple && (c >= 'a' && c <= 'z' || c >= '0' && c <= '9')
	}
	if simple {
		return s
	}
	if len(s) > maxValue {
		s = strings.ToValidUTF8(s[:maxValue], "")
	}
	s = strings.NewReplacer("ß", "ss", "ø", "o", "Ø", "o", "æ", "ae", "Æ", "ae", "œ", "oe", "#", " nr ", "№", " nr ", "n°", " nr ", "N°", " nr ", "nº", " nr ").Replace(s)
	if flat, _, err := transform.String(transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn))), s); err == nil {
		s = flat
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// lastName is the last key of a path.
func lastName(path string) string {
	path = strings.TrimSuffix(path, "[]")
	if i := strings.LastIndexAny(path, ".]"); i >= 0 && i+1 < len(path) {
		return path[i+1:]
	}
	return path
}

func hasRole(plain string, roles ...Role) bool {
	for _, u := range aliases()[plain] {
		for _, r := range roles {
			if u.role == r {
				return true
			}
		}
	}
	return false
}

func isBodyName(plain string) bool {
	for _, u := range aliases()[plain] {
		if (u.role == Body || u.role == BodyHTML) && !u.weak() {
			return true
		}
	}
	return false
}

func isIdentName(plain string) bool {
	return plain == "id" || hasRole(plain, TicketID, MessageID, PersonID)
}

// isTimeName tells whether a heading is one of a time, which lets bare numbers be times.
func isTimeName(plain string) bool {
	if hasRole(plain, SentTime, CreatedTime, UpdatedTime, ClosedTime) {
		return true
	}
	for _, end := range [...]string{"at", "on", "time", "date", "datum", "timestamp", "since", "until", "fecha", "zeit", "lastactivity", "dateline"} {
		if strings.HasSuffix(plain, end) {
			return true
		}
	}
	return strings.HasPrefix(plain, "date") || strings.HasPrefix(plain, "fecha")
}

// isTotalName knows the members that tell how long a list should be.
func isTotalName(name string) bool {
	switch plainName(name) {
	case "totalcount", "total", "totalelements", "totalresults", "count":
		return true
	}
	return false
}
