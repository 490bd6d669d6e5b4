//! One conversation over every platform: the same questions, the same answers.

use axum::body::Body;
use axum::http::request::Builder;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};

use super::mcp::Client;
use crate::retell::signature;
use crate::testing::{ADMIN, CALLER, Calendar, FOREIGN, READER, RETELL_KEY, World, code, said};

/// Who calls, in which call, for the how manieth time.
#[derive(Clone, Copy)]
struct Turn<'a> {
    call: &'a str,
    id: &'a str,
    from: &'a str,
}

const fn turn<'a>(id: &'a str) -> Turn<'a> {
    Turn {
        call: "call_1",
        id,
        from: CALLER,
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Platform {
    Retell,
    RetellOlder,
    VapiText,
    VapiObject,
    Flat,
    Mcp,
}

const ALL: [Platform; 6] = [
    Platform::Retell,
    Platform::RetellOlder,
    Platform::VapiText,
    Platform::VapiObject,
    Platform::Flat,
    Platform::Mcp,
];

impl Platform {
    /// What the platform sends, without anything that lets it in.
    fn envelope(self, function: &str, args: &Value, turn: Turn<'_>) -> (Builder, String) {
        let invoked =
            json!([{"role": "tool_call_invocation", "tool_call_id": turn.id, "name": function}]);
        let call = json!({"call_id": turn.call, "call_type": "phone_call", "direction": "inbound",
            "agent_id": "agent_15", "from_number": turn.from, "to_number": "+493012345678",
            "transcript_with_tool_calls": invoked});
        let vapi = |function: Value| {
            json!({"message": {"type": "tool-calls", "toolCallList": [function],
                "call": {"id": turn.call, "type": "inboundPhoneCall", "assistantId": "other"},
                "customer": {"number": turn.from}, "phoneNumber": {"number": "+493012345678"}}})
        };
        let (path, body) = match self {
            Self::Retell => (
                "/api/retell/function-call/15".to_owned(),
                json!({"name": function, "args": args, "call": call}),
            ),
            Self::RetellOlder => (
                "/api/retell/function-call/15".to_owned(),
                json!({"function_name": function, "parameters": args, "call": call}),
            ),
            Self::VapiText => (
                "/api/vapi/tool-calls/15".to_owned(),
                vapi(json!({"id": turn.id, "type": "function",
                    "function": {"name": function, "arguments": args.to_string()}})),
            ),
            Self::VapiObject => (
                "/api/vapi/tool-calls".to_owned(),
                vapi(json!({"id": turn.id, "name": function, "arguments": args})),
            ),
            Self::Mcp => unreachable!("it has a client of its own"),
            Self::Flat => (format!("/api/voice/functions/{function}"), args.clone()),
        };
        let mut request = Request::post(path);
        if self == Self::Flat {
            request = request
                .header("x-call-id", turn.call)
                .header("x-caller-number", turn.from)
                .header("x-invocation-id", turn.id);
        }
        (request, body.to_string())
    }

    async fn send(
        self,
        world: &World,
        (function, args): (&str, Value),
        turn: Turn<'_>,
        key: Option<&str>,
    ) -> (StatusCode, Value) {
        let (mut request, body) = self.envelope(function, &args, turn);
        let signed = matches!(self, Self::Retell | Self::RetellOlder);
        request = match key {
            Some(ADMIN) if signed => {
                let sign = signature::sign(body.as_bytes(), RETELL_KEY, world.desk.time());
                request.header(signature::HEADER, sign)
            }
            Some(key) => request.header("authorization", format!("Bearer {key}")),
            None => request,
        };
        world
            .send(request.body(Body::from(body)).expect("a request"))
            .await
    }

    /// Asks, and reads the one answer.
    async fn ask(self, world: &World, function: &str, args: Value, turn: Turn<'_>) -> Value {
        if self == Self::Mcp {
            let mut client = Client::open(world, ADMIN).await.expect("let in");
            let line = [("x-call-id", turn.call), ("x-caller-number", turn.from)];
            return client.call((turn.id, function), &args, &line).await;
        }
        let (status, body) = self.send(world, (function, args), turn, Some(ADMIN)).await;
        assert_eq!(status, StatusCode::OK, "{self:?} {body}");
        if let Some(results) = body["results"].as_array() {
            assert_eq!(results.len(), 1);
            assert_eq!(results[0]["toolCallId"], turn.id, "{self:?}");
        }
        said(&body).remove(0)
    }
}

/// What was said in a conversation, in order.
struct Conversation<'a> {
    on: Platform,
    world: &'a World,
    said: Vec<String>,
}

impl Conversation<'_> {
    async fn ask(&mut self, function: &str, args: Value, turn: Turn<'_>, expected: &str) -> Value {
        let answer = self.on.ask(self.world, function, args, turn).await;
        assert_eq!(code(&answer), expected, "{:?} {answer}", self.on);
        let said = answer["say"].as_str().unwrap_or_default();
        self.said.push(said.to_owned());
        answer
    }

    async fn book(&mut self) {
        let wish = json!({"service": "Beratung", "datum": "nächsten Montag"});
        self.ask("check_availability", wish.clone(), turn("t1"), "available")
            .await;
        let near = self
            .ask("get_alternatives", wish, turn("t2"), "alternatives")
            .await;
        let take = json!({"option": near["option_2"], "name": "Jörg Müßig"});
        let booked = self
            .ask("book_appointment", take.clone(), turn("t3"), "booked")
            .await;
        assert_eq!(booked["data"]["customer"]["phone"], CALLER, "{:?}", self.on);
        let again = self
            .ask("book_appointment", take.clone(), turn("t3"), "booked")
            .await;
        assert_eq!(again, booked, "{:?}", self.on);
        let elsewhere = Turn {
            call: "call_2",
            ..turn("t4")
        };
        self.ask("book_appointment", take, elsewhere, "invalid_parameter")
            .await;
    }

    async fn give_up(&mut self) {
        let nothing = || json!({});
        self.ask("query_appointment", nothing(), turn("t5"), "found")
            .await;
        let later = json!({"neues_datum": "Dienstag", "neue_uhrzeit": "halb zehn"});
        let taken = self
            .ask("reschedule_appointment", later, turn("t6"), "slot_taken")
            .await;
        let there = json!({"option": taken["option_1"]});
        let mut moved = Vec::new();
        for _ in 0..2 {
            let move_it = self.ask(
                "reschedule_appointment",
                there.clone(),
                turn("t7"),
                "rescheduled",
            );
            moved.push(move_it.await);
        }
        assert_eq!(
            moved[0], moved[1],
            "the option is the appointment's own now"
        );
        self.ask("cancel_appointment", nothing(), turn("t8"), "found")
            .await;
        for _ in 0..2 {
            let yes = json!({"confirm": true});
            self.ask("cancel_appointment", yes, turn("t9"), "cancelled")
                .await;
        }
        self.ask("query_appointment", nothing(), turn("t10"), "not_found")
            .await;
        self.ask("fly", nothing(), turn("t11"), "unknown_function")
            .await;
    }
}

/// Red when an adapter loses the caller, the call, the invocation's id or an argument, or when the
/// same invocation is judged anew by how things stand after it.
#[tokio::test]
async fn one_conversation_is_the_same_everywhere() {
    let mut told: Vec<Vec<String>> = Vec::new();
    for on in ALL {
        let world = World::new();
        let mut conversation = Conversation {
            on,
            world: &world,
            said: Vec::new(),
        };
        conversation.book().await;
        conversation.give_up().await;
        told.push(conversation.said);
        assert_eq!((world.desk.made(), world.desk.commands()), (1, 3), "{on:?}");
    }
    assert!(told.iter().all(|it| *it == told[0]), "{told:#?}");
}

/// Red when the invocation's id is lost: then the same cancellation, sent again, takes the next one.
#[tokio::test]
async fn an_invocation_sent_again_is_known_everywhere() {
    for on in ALL {
        let world = World::new();
        let wish = |date: &str| json!({"service": "Beratung", "datum": date, "uhrzeit": "9 Uhr", "name": "Jörg"});
        let cancel = async || {
            let yes = json!({"confirm": true});
            let gone = on.ask(&world, "cancel_appointment", yes, turn("c1")).await;
            assert_eq!(code(&gone), "cancelled", "{on:?} {gone}");
            gone["data"]["id"].clone()
        };
        on.ask(&world, "book_appointment", wish("Montag"), turn("b1"))
            .await;
        let first = cancel().await;
        on.ask(&world, "book_appointment", wish("Dienstag"), turn("b2"))
            .await;
        assert_eq!(cancel().await, first, "{on:?}");
        assert_eq!((world.desk.made(), world.desk.commands()), (2, 3), "{on:?}");
    }
}

/// Red when an adapter makes an error of a refusal, or tells it in other words.
#[tokio::test]
async fn refusals_are_the_same_everywhere() {
    let wishes = [
        ("missing_parameter", json!({"service": "Beratung"})),
        (
            "ambiguous_date",
            json!({"service": "Beratung", "date": "gestern"}),
        ),
        (
            "invalid_parameter",
            json!({"service": "Beratung", "date": "30.2."}),
        ),
        (
            "outside_opening_hours",
            json!({"service": "Beratung", "date": "Montag", "time": "6 Uhr"}),
        ),
        (
            "slot_taken",
            json!({"service": "Beratung", "date": "Montag", "time": "9 Uhr"}),
        ),
        (
            "calendar_unavailable",
            json!({"service": "Beratung", "date": "Montag"}),
        ),
    ];
    let mut told: Vec<Vec<Value>> = Vec::new();
    for on in ALL {
        let world = World::new();
        world.desk.block("2025-10-13T07:00:00Z");
        let mut said = Vec::new();
        for (at, (expected, mut wish)) in wishes.clone().into_iter().enumerate() {
            if expected == "calendar_unavailable" {
                world.desk.set_calendar(Calendar::Down);
            }
            wish["name"] = json!("Jörg");
            let id = format!("r{at}");
            let books = expected == "slot_taken";
            let function = ["check_availability", "book_appointment"][usize::from(books)];
            let answer = on.ask(&world, function, wish, turn(&id)).await;
            assert_eq!(code(&answer), expected, "{on:?} {answer}");
            assert_eq!(answer["success"], false, "{on:?} {answer}");
            said.push(json!([answer["say"], answer["next_step"]]));
        }
        told.push(said);
    }
    assert!(told.iter().all(|it| *it == told[0]), "{told:#?}");
}

/// Red when a number in the arguments, or none at all, opens somebody's book.
#[tokio::test]
async fn only_the_platform_says_who_is_calling() {
    for on in ALL {
        let world = World::new();
        let wish =
            json!({"service": "Beratung", "datum": "Montag", "uhrzeit": "9 Uhr", "name": "Jörg"});
        on.ask(&world, "book_appointment", wish, turn("t1")).await;
        for from in ["anonymous", "", "+491713920099"] {
            let other = Turn {
                from,
                call: "call_2",
                id: "t2",
            };
            let args = json!({"phone": CALLER, "x-caller-number": CALLER, "from_number": CALLER,
                "customer": {"number": CALLER}});
            let answer = on.ask(&world, "query_appointment", args, other).await;
            let expected = if from.starts_with('+') {
                "not_found"
            } else {
                "anonymous_caller"
            };
            assert_eq!(code(&answer), expected, "{on:?} {from}");
        }
    }
}

/// Red when a platform is let in without a key, with another company's, or books with one that
/// may only read.
#[tokio::test]
async fn nobody_comes_in_by_another_door() {
    for on in ALL.into_iter().filter(|it| *it != Platform::Mcp) {
        let world = World::new();
        let ask = |key| on.send(&world, ("query_appointment", json!({})), turn("t1"), key);
        assert_eq!(ask(None).await.0, StatusCode::UNAUTHORIZED, "{on:?}");
        assert_eq!(
            ask(Some("bk_wrong")).await.0,
            StatusCode::UNAUTHORIZED,
            "{on:?}"
        );
        assert_eq!(ask(Some(READER)).await.0, StatusCode::OK, "{on:?}");
        let wish =
            json!({"service": "Beratung", "datum": "Montag", "uhrzeit": "9 Uhr", "name": "Jörg"});
        let (status, body) = on
            .send(&world, ("book_appointment", wish), turn("t2"), Some(READER))
            .await;
        match on {
            Platform::VapiText | Platform::VapiObject => {
                assert_eq!(status, StatusCode::OK);
                assert!(body["results"][0]["error"].is_string(), "{body}");
            }
            _ => assert_eq!(status, StatusCode::FORBIDDEN, "{on:?}"),
        }
        assert_eq!(world.desk.made(), 0);
    }
    for path in [
        "/api/vapi/tool-calls/15",
        "/api/voice/functions/query_appointment/15",
    ] {
        let world = World::new();
        let request = Request::post(path).header("authorization", format!("Bearer {FOREIGN}"));
        let request = request.body(Body::from("{}")).expect("a request");
        assert_eq!(
            world.send(request).await.0,
            StatusCode::UNAUTHORIZED,
            "{path}"
        );
    }
}
