//! The functions as tools of the Model Context Protocol, over streamable HTTP.
//!
//! A refusal is a tool's result, never an error of the protocol: it carries a sentence. The
//! session stands for the call, and `X-Caller-Number` for who is on the line, as in [`crate::flat`].

use std::sync::Arc;

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use axum::response::{IntoResponse, Response};
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, Implementation,
    ListToolsResult, PaginatedRequestParams, ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::RequestContext;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use rmcp::{ErrorData, RoleServer, ServerHandler};

use crate::auth::Admitted;
use crate::port::{CallFacts, Invocation, invoke, short_text};
use crate::schema::{Platform, schema};
use crate::state::VoiceState;

/// The header by which a client names its session.
const SESSION: &str = "mcp-session-id";

/// Serves the protocol; the sessions are this process's.
#[derive(Clone)]
pub(crate) struct Mcp(StreamableHttpService<Tools, LocalSessionManager>);

impl Mcp {
    pub(crate) fn new(state: &VoiceState, most_bytes: usize) -> Self {
        let tools = Tools {
            state: state.clone(),
        };
        // Pages cannot be made to call with a key they do not have, so any host name will do.
        let config = StreamableHttpServerConfig::default()
            .disable_allowed_hosts()
            .with_max_request_body_bytes(most_bytes);
        Self(StreamableHttpService::new(
            move || Ok(tools.clone()),
            Arc::default(),
            config,
        ))
    }

    /// Answers a request of somebody who was let in.
    pub(crate) async fn answer(&self, admitted: Admitted, mut request: Request<Body>) -> Response {
        request.extensions_mut().insert(admitted);
        let ends_session = request.method() == Method::DELETE;
        let mut response = self.0.handle(request).await.into_response();
        // The Python client takes "accepted" for a failure: the session is over, so it is told that.
        if ends_session && response.status() == StatusCode::ACCEPTED {
            *response.status_mut() = StatusCode::NO_CONTENT;
        }
        response
    }
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
