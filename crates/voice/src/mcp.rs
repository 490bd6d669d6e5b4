//! The functions as tools of the Model Context Protocol, over streamable HTTP.
//!
//! A refusal is a tool's result, never an error of the protocol: it carries a sentence. The
//! session stands for the call, and `X-Caller-Number` for who is on the line, as in [`crate::flat`].

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, Bytes};
use axum::extract::FromRequest;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use booking_domain::ids::CompanyId;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, CustomRequest,
    CustomResult, ErrorCode, Implementation, ListToolsResult, PaginatedRequestParams,
    ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::RequestContext;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use rmcp::{ErrorData, RoleServer, ServerHandler};
use serde_json::{Value, json};

use crate::auth::Admitted;
use crate::port::{CallFacts, Invocation, invoke, short_text};
use crate::schema::{Platform, schema};
use crate::state::VoiceState;

/// The header by which a client names its session.
const SESSION: &str = "mcp-session-id";

/// As other servers of the protocol say that there is no such session.
const NO_SESSION: i32 = -32001;

/// Serves the protocol; the sessions are this process's.
#[derive(Clone)]
pub(crate) struct Mcp {
    tools: Tools,
    most_bytes: usize,
    /// Each company has sessions of its own: another's is as unknown as one that never was.
    companies: Arc<Mutex<HashMap<CompanyId, Sessions>>>,
}

type Sessions = StreamableHttpService<Tools, LocalSessionManager>;

impl Mcp {
    pub(crate) fn new(state: &VoiceState, most_bytes: usize) -> Self {
        Self {
            tools: Tools {
                state: state.clone(),
            },
            most_bytes,
            companies: Arc::default(),
        }
    }

    fn sessions_of(&self, company: CompanyId) -> Sessions {
        let companies = self.companies.lock();
        let mut companies = companies.unwrap_or_else(PoisonError::into_inner);
        let sessions = companies.entry(company).or_insert_with(|| {
            let tools = self.tools.clone();
            // Pages cannot be made to call with a key they do not have, so any host name will do.
            let config = StreamableHttpServerConfig::default()
                .disable_allowed_hosts()
                .with_max_request_body_bytes(self.most_bytes);
            StreamableHttpService::new(move || Ok(tools.clone()), Arc::default(), config)
        });
        sessions.clone()
    }

    /// Answers a request of somebody who was let in.
    pub(crate) async fn answer(&self, admitted: Admitted, mut request: Request<Body>) -> Response {
        let sessions = self.sessions_of(admitted.setup.company.id);
        request.extensions_mut().insert(admitted);
        let ends_session = request.method() == Method::DELETE;
        let (head, body) = request.into_parts();
        let body = Request::from_parts(head.clone(), body);
        let sent = match Bytes::from_request(body, &()).await {
            Ok(sent) => sent,
            Err(refused) => return refused.into_response(),
        };
        let request = Request::from_parts(head, Body::from(sent.clone()));
        let is_json = is_json(request.headers());
        let mut response = sessions.handle(request).await.into_response();
        // The Python client takes "accepted" for a failure: the session is over, so it is told that.
        if ends_session && response.status() == StatusCode::ACCEPTED {
            *response.status_mut() = StatusCode::NO_CONTENT;
        }
        match refusal(&response, is_json.then_some(&sent)) {
            Some((status, error)) => said(status, &error),
            None => response,
        }
    }
}

/// What a bare refusal of the library's is in the protocol; `sent` is what was sent as JSON.
fn refusal(response: &Response, sent: Option<&Bytes>) -> Option<(StatusCode, Value)> {
    if response.headers().contains_key(header::CONTENT_TYPE) {
        return None;
    }
    let (code, message) = match (response.status(), sent) {
        (StatusCode::NOT_FOUND, _) => (
            NO_SESSION,
            "the session is unknown or has ended: initialize a new one",
        ),
        (StatusCode::NOT_ACCEPTABLE, _) => (
            ErrorCode::INVALID_REQUEST.0,
            "accept both application/json and text/event-stream",
        ),
        (StatusCode::UNSUPPORTED_MEDIA_TYPE, Some(sent)) => {
            return Some((StatusCode::BAD_REQUEST, not_understood(sent)));
        }
        (StatusCode::BAD_REQUEST, _) => (
            ErrorCode::INVALID_REQUEST.0,
            "send the Mcp-Session-Id that initialize gave, and a known MCP-Protocol-Version",
        ),
        _ => return None,
    };
    Some((response.status(), error(&Value::Null, code, message)))
}

/// Why this is no message of the protocol.
fn not_understood(sent: &[u8]) -> Value {
    match serde_json::from_slice::<Value>(sent) {
        Err(_) => error(&Value::Null, ErrorCode::PARSE_ERROR.0, "this is not JSON"),
        Ok(sent) => {
            let id = Some(&sent["id"]).filter(|id| id.is_string() || id.is_i64());
            let message = "send one JSON-RPC 2.0 message, not several";
            let code = ErrorCode::INVALID_REQUEST.0;
            error(id.unwrap_or(&Value::Null), code, message)
        }
    }
}

fn error(id: &Value, code: i32, message: &str) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message}})
}

fn said(status: StatusCode, error: &Value) -> Response {
    let kind = (header::CONTENT_TYPE, "application/json");
    (status, [kind], error.to_string()).into_response()
}

/// Whether the library takes it for JSON.
fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|it| it.to_str().ok()?.split(';').next());
    kind.is_some_and(|it| it.trim().eq_ignore_ascii_case("application/json"))
}

#[derive(Clone)]
struct Tools {
    state: VoiceState,
}

impl ServerHandler for Tools {
    fn get_info(&self) -> ServerConfig {
        let gateway = Implementation::new("booking-gateway", env!("CARGO_PKG_VERSION"));
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(gateway)
            .with_instructions(
                "Books, moves and cancels appointments. Speak the answer's `say`; pass handles back unchanged.",
            )
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let tools = schema(Platform::Mcp)["tools"].take();
        let tools: Vec<Tool> = serde_json::from_value(tools)
            .map_err(|error| ErrorData::internal_error(error.to_string(), None))?;
        Ok(ListToolsResult::with_all_items(tools))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let parts = context.extensions.get::<Parts>();
        let admitted = parts.and_then(|it| it.extensions.get::<Admitted>());
        let (Some(parts), Some(admitted)) = (parts, admitted) else {
            return Err(ErrorData::invalid_request("there is no API key", None));
        };
        let invocation = invocation(request, &parts.headers, &context.id.to_string());
        let result = match invoke(&self.state, admitted, invocation).await {
            Ok(answer) => {
                CallToolResult::structured(serde_json::to_value(&answer).unwrap_or_default())
            }
            Err(_) => CallToolResult::error(vec![ContentBlock::text(
                "this API key may not call that function",
            )]),
        };
        Ok(result.into())
    }

    /// What fits no request that the library knows: another method, or a call with other
    /// parameters than a call has.
    async fn on_custom_request(
        &self,
        request: CustomRequest,
        _: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        Err(match request.method.as_str() {
            "tools/call" => ErrorData::invalid_params(
                "params are the name of a tool and its arguments, an object",
                None,
            ),
            _ => ErrorData::new(ErrorCode::METHOD_NOT_FOUND, request.method, None),
        })
    }
}

fn invocation(request: CallToolRequestParams, headers: &HeaderMap, id: &str) -> Invocation {
    let told = |name: &str| headers.get(name)?.to_str().ok().and_then(short_text);
    let session = told(SESSION);
    // Requests are numbered within a session; without one the number says nothing.
    let id = session.as_ref().map(|_| id.to_owned());
    Invocation {
        function: Some(request.name.into_owned()),
        args: request.arguments.unwrap_or_default(),
        call: Some(CallFacts {
            call_id: told("x-call-id").or(session),
            from_number: told("x-caller-number"),
            ..CallFacts::default()
        }),
        claimed_call_id: None,
        offers: Vec::new(),
        id,
    }
}
