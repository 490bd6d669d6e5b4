//! The functions as tools: a session, its handles, and refusals that are results.

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::testing::{ADMIN, CALLER, FOREIGN, READER, World, check, code};

/// A client of the protocol.
pub(super) struct Client<'a> {
    world: &'a World,
    key: &'a str,
    pub session: Option<String>,
}

impl<'a> Client<'a> {
    /// Opens a session.
    pub(super) async fn open(world: &'a World, key: &'a str) -> Result<Self, StatusCode> {
        let mut client = Self {
            world,
            key,
            session: None,
        };
        let hello = json!({"protocolVersion": "2025-06-18", "capabilities": {},
            "clientInfo": {"name": "test", "version": "1"}});
        let (status, answer) = client.send("0", "initialize", hello, &[]).await;
        if status != StatusCode::OK {
            return Err(status);
        }
        assert!(
            answer["result"]["capabilities"]["tools"].is_object(),
            "{answer}"
        );
        assert_eq!(answer["result"]["serverInfo"]["name"], "booking-gateway");
        assert!(client.session.is_some(), "a session is named");
        let note = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        let (status, _) = client.post(note, &[]).await;
        assert_eq!(status, StatusCode::ACCEPTED);
        Ok(client)
    }

    pub(super) async fn send(
        &mut self,
        id: &str,
        method: &str,
        params: Value,
        headers: &[(&str, &str)],
    ) -> (StatusCode, Value) {
        let body = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        self.post(body, headers).await
    }

    async fn post(&mut self, body: Value, headers: &[(&str, &str)]) -> (StatusCode, Value) {
        self.post_text(&body.to_string(), headers).await
    }

    async fn post_text(&mut self, body: &str, headers: &[(&str, &str)]) -> (StatusCode, Value) {
        let mut request = Request::post("/mcp")
            .header("authorization", format!("Bearer {}", self.key))
            .header("host", "gateway.example")
            .header("content-type", "application/json");
        if headers.iter().all(|(name, _)| *name != "accept") {
            request = request.header("accept", "application/json, text/event-stream");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(session) = &self.session {
            request = request.header("mcp-session-id", session);
        }
        let request = request
            .body(Body::from(body.to_owned()))
            .expect("a request");
        let response = self.world.raw(request).await;
        let status = response.status();
        if let Some(named) = response.headers().get("mcp-session-id") {
            self.session = named.to_str().ok().map(str::to_owned);
        }
        let body = to_bytes(response.into_body(), 1 << 20)
            .await
            .expect("a body");
        let text = String::from_utf8(body.to_vec()).expect("text");
        let last = text
            .lines()
            .rfind(|line| line.starts_with("data: {") || line.starts_with('{'));
        let json = last.map(|line| line.trim_start_matches("data: "));
        (
            status,
            serde_json::from_str(json.unwrap_or("null")).unwrap_or_default(),
        )
    }

    /// Calls a tool and reads its answer.
    pub(super) async fn call(
        &mut self,
        (id, tool): (&str, &str),
        args: &Value,
        headers: &[(&str, &str)],
    ) -> Value {
        let params = json!({"name": tool, "arguments": args});
        let (status, answer) = self.send(id, "tools/call", params, headers).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        assert_eq!(answer["id"], id, "{answer}");
        let result = &answer["result"];
        let said = result["structuredContent"].clone();
        if said.is_null() {
            return result.clone();
        }
        check(&said);
        let text = result["content"][0]["text"].as_str().expect("a text");
        assert_eq!(serde_json::from_str::<Value>(text).ok(), Some(said.clone()));
        assert_eq!(result["isError"], false, "a refusal is a result: {result}");
        said
    }
}

/// Red when a tool is missing, or its schema is not the one that is printed.
#[tokio::test]
async fn the_six_functions_are_tools() {
    let world = World::new();
    let mut client = Client::open(&world, ADMIN).await.expect("let in");
    let (_, answer) = client.send("1", "tools/list", json!({}), &[]).await;
    let tools = answer["result"]["tools"].as_array().expect("tools").clone();
    let printed = crate::schema(crate::Platform::Mcp);
    assert_eq!(tools.len(), 6);
    for (tool, printed) in tools
        .iter()
        .zip(printed["tools"].as_array().expect("tools"))
    {
        assert_eq!(tool["name"], printed["name"]);
        assert_eq!(tool["inputSchema"], printed["inputSchema"]);
    }
}

/// Red when the protocol is served without a key, or a company sees another's session.
#[tokio::test]
async fn a_key_is_needed_and_is_the_company() {
    let world = World::new();
    for key in ["", "bk_wrong"] {
        let refused = Client::open(&world, key).await.err();
        assert_eq!(refused, Some(StatusCode::UNAUTHORIZED), "{key}");
    }
    let line = [("x-caller-number", CALLER)];
    let wish = json!({"service": "Beratung", "date": "Monday", "time": "9 am"});
    for (key, company) in [(ADMIN, 15), (FOREIGN, 20)] {
        let mut client = Client::open(&world, key).await.expect("let in");
        client.call(("1", "check_availability"), &wish, &line).await;
        assert_eq!(world.desk.asked(), company);
    }
    let mut reader = Client::open(&world, READER).await.expect("let in");
    let refused = reader
        .call(("1", "cancel_appointment"), &json!({}), &line)
        .await;
    assert_eq!(refused["isError"], true, "{refused}");
}

/// Red when a handle of one session can be used in another.
#[tokio::test]
async fn handles_hold_in_their_session() {
    let world = World::new();
    let mut first = Client::open(&world, ADMIN).await.expect("let in");
    let mut second = Client::open(&world, ADMIN).await.expect("let in");
    let wish = json!({"service": "Beratung", "date": "Monday"});
    let free = first.call(("1", "check_availability"), &wish, &[]).await;
    let take = json!({"option": free["option_1"], "name": "Jörg", "phone": "0171 3920042"});
    let elsewhere = second.call(("1", "book_appointment"), &take, &[]).await;
    assert_eq!(code(&elsewhere), "invalid_parameter");
    let booked = first.call(("2", "book_appointment"), &take, &[]).await;
    assert_eq!(code(&booked), "booked");
    let unknown = first.call(("3", "fly"), &json!({}), &[]).await;
    assert_eq!(code(&unknown), "unknown_function");
    let whose = first
        .call(("4", "query_appointment"), &json!({"phone": CALLER}), &[])
        .await;
    assert_eq!(code(&whose), "anonymous_caller");
}

/// Red when a request may be as large as it likes.
#[tokio::test]
async fn a_flood_is_refused() {
    let world = World::new();
    let mut client = Client::open(&world, ADMIN).await.expect("let in");
    let params = |bytes| json!({"name": "fly", "arguments": {"notes": "x".repeat(bytes)}});
    for (bytes, status) in [
        (3_900_000, StatusCode::OK),
        (5_000_000, StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        let (found, _) = client.send("1", "tools/call", params(bytes), &[]).await;
        assert_eq!(found, status, "{bytes}");
    }
}

/// Red when the end of a session is answered as the Python client does not expect it, or the
/// session goes on.
#[tokio::test]
async fn a_session_ends_when_its_client_says_so() {
    let world = World::new();
    let mut client = Client::open(&world, ADMIN).await.expect("let in");
    let end = Request::delete("/mcp")
        .header("host", "gateway.example")
        .header("authorization", format!("Bearer {ADMIN}"))
        .header("mcp-session-id", client.session.clone().expect("a session"));
    let end = end.body(Body::empty()).expect("a request");
    assert_eq!(world.raw(end).await.status(), StatusCode::NO_CONTENT);
    let (status, _) = client.send("9", "tools/list", json!({}), &[]).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "the client opens a new one");
}

/// Red when a company can go on with another's session, or end it, or is told that there is one.
#[tokio::test]
async fn the_session_of_another_company_is_as_one_that_never_was() {
    let world = World::new();
    let mut own = Client::open(&world, ADMIN).await.expect("let in");
    let mut refusals = Vec::new();
    for session in [own.session.clone(), Some("made-up".to_owned())] {
        let mut foreign = Client {
            world: &world,
            key: FOREIGN,
            session: session.clone(),
        };
        refusals.push(foreign.send("1", "tools/list", json!({}), &[]).await);
        let end = Request::delete("/mcp")
            .header("host", "gateway.example")
            .header("authorization", format!("Bearer {FOREIGN}"))
            .header("mcp-session-id", session.expect("a session"));
        world.raw(end.body(Body::empty()).expect("a request")).await;
    }
    assert_eq!(refusals[0], refusals[1]);
    let (status, answer) = &refusals[0];
    assert_eq!(*status, StatusCode::NOT_FOUND);
    assert_eq!(answer["error"]["code"], -32001, "{answer}");
    let (status, _) = own.send("2", "tools/list", json!({}), &[]).await;
    assert_eq!(status, StatusCode::OK);
}

/// Red when what is no message of the protocol is refused in other words than the protocol's, or
/// without its id.
#[tokio::test]
async fn mistakes_are_told_in_the_protocol() {
    let world = World::new();
    let mut client = Client::open(&world, ADMIN).await.expect("let in");
    let ping = r#"{"jsonrpc":"2.0","id":4,"method":"ping"}"#;
    for (sent, status, code, id) in [
        ("{bad", 400, -32700, json!(null)),
        ("", 400, -32700, json!(null)),
        (&format!("[{ping},{ping}]"), 400, -32600, json!(null)),
        (&ping.replace("2.0", "1.0"), 400, -32600, json!(4)),
        (r#"{"id":"a"}"#, 400, -32600, json!("a")),
        ("7", 400, -32600, json!(null)),
        (&ping.replace("ping", "fly"), 200, -32601, json!(4)),
        (&ping.replace("ping", "tools/call"), 200, -32602, json!(4)),
        (
            r#"{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"fly","arguments":"x"}}"#,
            200,
            -32602,
            json!(4),
        ),
    ] {
        let (got, answer) = client.post_text(sent, &[]).await;
        assert_eq!(got.as_u16(), status, "{sent}: {answer}");
        assert_eq!(answer["jsonrpc"], "2.0", "{sent}: {answer}");
        assert_eq!(answer["error"]["code"], code, "{sent}: {answer}");
        assert_eq!(answer["id"], id, "{sent}: {answer}");
    }
    client.session = None;
    for (headers, status) in [(&[][..], 400), (&[("accept", "text/html")], 406)] {
        let (got, answer) = client.post_text(ping, headers).await;
        assert_eq!(got.as_u16(), status, "{answer}");
        assert_eq!(answer["error"]["code"], -32600, "{answer}");
    }
}
