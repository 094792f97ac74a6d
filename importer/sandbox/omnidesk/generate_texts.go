package omnidesk

// topic is what a conversation is about. {order}, {product}, {name} and {agent} stand for what is chosen.
type topic struct {
	subject, question, answer, more, thanks, note, chat, call string
}

// texts are all that is said in a language.
type texts struct {
	language, greeting, closing, signature, quoted, form string
	first, last                                          []string
	topics                                               []topic
}

func dutch() texts {
	return texts{
		language: "nl", greeting: "Beste {name},", closing: "Met vriendelijke groet,", signature: "Noorderlicht Fietsen · Veldkade 12, Zwolle",
		quoted: "Op {date} schreef {name}:", form: "Naam: {name}\nE-mail: {mail}\nBestelnummer: {order}\nOnderwerp: {subject}\n\n{question}",
		first: []string{"Sanne", "Daan", "Lieke", "Noor", "Bram", "Femke", "Joris", "Maartje", "Thijs", "Zoë", "Ömer", "Anouk", "Søren", "Renée", "Yara", "Łukasz"},
		last:  []string{"Bakker", "de Vries", "Visser", "van den Berg", "Çelik", "Hoekstra", "Nowak", "Vermeulen", "El Amrani", "Kuipers", "Dijkstra", "Postma"},
		topics: []topic{
			{"Bestelling {order} nog niet binnen", "Vorige week heb ik {product} besteld (bestelling {order}). De bezorger zou dinsdag komen, maar ik heb nog niets gezien. Weten jullie waar het pakket is?",
				"Uw pakket ligt sinds gisteren in het sorteercentrum. Het wordt morgen tussen 9 en 12 uur bezorgd.", "Morgen ben ik niet thuis. Kan het bij de buren op nummer 14?",
				"Gelukt, het pakket is binnen. Bedankt voor de snelle hulp! 🚲", "Vervoerder gebeld: lag verkeerd gesorteerd. Geen kosten rekenen als het weer misgaat.",
				"Hoi, waar blijft bestelling {order}?", "Klant vraagt naar bestelling {order}. Uitgelegd dat de bezorging morgen is; klant tevreden."},
			{"Rem van {product} loopt aan", "Sinds de laatste beurt loopt de achterrem van mijn {product} aan. Het maakt een schurend geluid – vooral bij nat weer. Valt dit onder de garantie?",
				"Dat hoort niet zo kort na een beurt. We stellen de rem kosteloos opnieuw af; u kunt langskomen op dinsdag of donderdag.", "Donderdag om half tien schikt. Moet ik iets meenemen?",
				"De rem is weer stil. Top geregeld.", "Werkplaats: zelfde klacht als vorige maand bij dit model, remblok type B vervangen.",
				"mijn rem piept, wat nu?", "Rem loopt aan na beurt. Afspraak gemaakt voor donderdag 9.30 uur."},
			{"Factuur voor bestelling {order}", "Kunt u mij een factuur sturen op naam van mijn bedrijf? Het gaat om bestelling {order}, {product}, betaald met iDEAL (€ 149,95).",
				"De factuur zit in de bijlage. De btw staat er apart op.", "Het adres klopt niet helemaal: het moet Hoofdstraat 3a zijn.", "Nu klopt hij. Hartelijk dank.",
				"Factuuradres aangepast in het klantbestand, nieuwe factuur gemaakt.", "Kan ik ergens een factuur downloaden?", "Factuur opnieuw gestuurd op verzoek."},
			{"Retour {product}", "De maat valt helaas te klein uit. Ik wil {product} graag ruilen voor een maat groter. Hoe werkt dat?",
				"U kunt kosteloos ruilen binnen 30 dagen. Het retourlabel zit in de bijlage; leg het pakbon-nummer {order} erbij.", "Is maat L op voorraad?", "De nieuwe past perfect 👍",
				"Maat L gereserveerd tot vrijdag.", "hoe kan ik ruilen?", "Ruilen uitgelegd, label per mail verstuurd."},
			{"Adreswijziging", "Wij zijn verhuisd. Wilt u voor bestelling {order} het nieuwe adres gebruiken: Lindelaan 8, 8011 AB Zwolle?",
				"Het adres is aangepast, ook voor volgende bestellingen.", "En de factuur, gaat die ook naar het nieuwe adres?", "Fijn, dank u wel!", "Let op: klant heeft twee accounts, samengevoegd.",
				"ik ben verhuisd, kan het adres nog anders?", "Adres aangepast tijdens het gesprek."},
		},
	}
}

func english() texts {
	return texts{
		language: "en", greeting: "Dear {name},", closing: "Kind regards,", signature: "Noorderlicht Cycles · Veldkade 12, Zwolle",
		quoted: "On {date}, {name} wrote:", form: "Name: {name}\nE-mail: {mail}\nOrder number: {order}\nSubject: {subject}\n\n{question}",
		first: []string{"Emma", "Oliver", "Priya", "Callum", "Niamh", "Aisha", "George", "Chloé", "Mateusz", "Ines", "Kenji", "Björn"},
		last:  []string{"Walker", "Hughes", "Sharma", "O'Neill", "Khan", "Fletcher", "Müller", "Costa", "Tanaka", "Lindqvist"},
		topics: []topic{
			{"Where is my order {order}?", "I ordered {product} ten days ago (order {order}) and tracking hasn't moved since. Could you check what's going on?",
				"Sorry about the wait. The parcel was held at customs and has been released this morning; it should arrive on Friday.", "Can it be left with a neighbour?", "It arrived, thank you so much!",
				"Carrier confirms release. Offer free shipping next time.", "hi, any news on {order}?", "Asked about {order}. Told the new delivery date."},
			{"Wrong size: {product}", "The {product} you sent is an M, I ordered an L. The label says L & the box says M <odd>. What should I do?",
				"That is our mistake. A size L goes out today; please use the attached label to return the other one.", "Do I need to print the label, or is a QR code enough?", "All sorted – great service.",
				"Check stock labels on rack 7: third mix-up this week.", "you sent the wrong size", "Wrong size sent. Replacement booked."},
			{"VAT invoice for {order}", "Please send a VAT invoice for order {order} (£129.00) made out to our company. Our VAT number has changed since last year.",
				"Please find the invoice attached.", "Could you add our purchase order number, too?", "Perfect, thanks.", "Finance: number checked in VIES.", "where can I get an invoice", "Invoice requested; sent by e-mail."},
			{"Warranty question about {product}", "The display of my {product} stays black since it rained. It's 14 months old. Is that still covered?",
				"Yes: displays are covered for 24 months. Please bring it in, or send it with the form attached.", "How long will the repair take? I use it every day.", "Working again. Cheers!",
				"Serial number matches a known batch with bad seals.", "is my display still under warranty?", "Warranty explained, 24 months on displays."},
		},
	}
}

func products() []string {
	return []string{"Stadsfiets Merel", "Bakfiets Zwaan 2", "E-bike Tureluur", "regenjas Wulp", "fietstas Kievit 20L", "kinderfiets Mus", "helm Scholekster", "verlichtingsset LUX-70"}
}
