"""The official Python client of the Model Context Protocol against a running gateway.

Lists the tools, calls each of the six, and looks at what a client may trip over: refusals as results,
the key, sessions, and handles that hold in their session. Prints what it did; ends with 1 at the first
thing that is not as promised. Started by tests/clients/run.
"""

import asyncio
import importlib.metadata
import sys

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

URL, KEY = sys.argv[1:3]
MODE = sys.argv[3] if len(sys.argv) > 3 else "auto"
CALLER = "+4930111333"
TOOLS = {
    "check_availability", "get_alternatives", "book_appointment",
    "reschedule_appointment", "cancel_appointment", "query_appointment",
}


def must(what, truth, seen):
    """Prints the promise, or ends."""
    if not truth:
        sys.exit(f"NOT SO: {what}\n{seen}")
    print(f"  {what}")


def http(key, **headers):
    headers = {"X-Caller-Number": CALLER, **headers}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    return httpx2.AsyncClient(headers=headers, timeout=30)


def client(key=KEY, **headers):
    return Client(streamable_http_client(URL, http_client=http(key, **headers)), mode=MODE)


def call(name):
    """Since protocol 2026-07-28 there are no sessions: then the call is named in a header."""
    return {} if MODE == "legacy" else {"X-Call-Id": name}


async def say(session, tool, **args):
    """A tool's answer; it must be structured, and no error whatever it says."""
    result = await session.call_tool(tool, args)
    answer = result.structured_content
    if result.is_error or not answer:
        sys.exit(f"NOT SO: {tool} answers with a result\n{result}")
    print(f"    {tool:23} {answer['code']:20} {answer['say']}")
    return answer


async def walk(session):
    """A day, a choice, a booking, a move, a cancellation."""
    wish = {"service": "consultation", "language": "en"}
    day = await say(session, "check_availability", date="the week after next on Monday", **wish)
    near = await say(session, "get_alternatives", date="the week after next on Monday", time="at ten", **wish)
    must("times are offered", day["option_count"] == 3 and near["option_count"] == 3, near)
    booked = await say(session, "book_appointment", option=near["option_1"], name="Jörg Müßig", language="en")
    must("an option is booked", booked["code"] == "booked", booked)
    found = await say(session, "query_appointment", language="en")
    must("the caller's appointment is found by the number on the line", found["code"] == "found", found)
    moved = await say(session, "reschedule_appointment", new_date="the week after next on Tuesday",
                      new_time="half past three", confirm=False, language="en")
    moved = await say(session, "reschedule_appointment", option=moved["option_1"], confirm=True, language="en")
    must("it is moved", moved["code"] == "rescheduled", moved)
    question = await say(session, "cancel_appointment", language="en")
    must("nothing is cancelled on a word", question["next_step"] == "ask_confirmation", question)
    gone = await say(session, "cancel_appointment", confirm=True, language="en")
    must("it is cancelled", gone["code"] == "cancelled", gone)
    refused = await say(session, "query_appointment", language="en")
    must("a refusal is a result of the tool, no error", refused["success"] is False, refused)
    past = await say(session, "check_availability", date="gestern", service="consultation")
    must("a day that is over is asked back", past["code"] == "ambiguous_date", past)
    return day["option_1"]


async def strangers(handle):
    async with client(**call("another")) as session:
        other = await say(session, "book_appointment", option=handle, name="Eve", language="en")
        must("a handle of another session, or call, is refused", other["code"] == "invalid_parameter", other)
    async with client(**{"X-Caller-Number": "anonymous"}) as session:
        nobody = await say(session, "query_appointment", language="en", phone=CALLER)
        must("a number in the arguments opens no book", nobody["code"] == "anonymous_caller", nobody)
    for key in ("", "bk_wrong"):
        async with http(key) as plain:
            ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
            status = (await plain.post(URL, json=ping)).status_code
        must(f"401 with the key {key!r}", status == 401, status)
    try:
        async with client("bk_wrong") as session:
            await session.list_tools()
    except BaseException as error:  # the client wraps it in groups
        must(f"a client with a wrong key is not let in ({leaves(error)[0]!r})", True, error)
    else:
        sys.exit("NOT SO: a client with a wrong key is not let in")


def leaves(error):
    if isinstance(error, BaseExceptionGroup):
        return [leaf for inner in error.exceptions for leaf in leaves(inner)]
    return [error]


async def main():
    print(f"mcp {importlib.metadata.version('mcp')} from PyPI, mode {MODE}")
    async with client(**call("one")) as session:
        print(f"  protocol {session.protocol_version}, server {session.server_info}")
        tools = (await session.list_tools()).tools
        must("six tools", {it.name for it in tools} == TOOLS, tools)
        must("each with its arguments", all(it.input_schema["properties"] for it in tools), tools)
        handle = await walk(session)
    await strangers(handle)


asyncio.run(main())
