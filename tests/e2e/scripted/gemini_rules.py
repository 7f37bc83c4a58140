"""What Gemini refuses.

'Invalid JSON payload received. Unknown name "x"', "Please ensure that function call turn comes immediately after a user
turn or after a function response turn", "Please ensure that the number of function response parts is equal to the
number of function call parts of the function call turn", "Function call is missing a thought_signature in functionCall
parts" (Gemini 3, for the calls of the current turn), "Corrupted thought signature", "contents.parts must not be empty",
"required oneof field 'data' must have one initialized field".
"""

from __future__ import annotations

import re
from typing import Any

from tests.e2e.program import PROVIDER_KEY
from tests.e2e.scripted.findings import Findings, shared

TOP = {"contents", "systemInstruction", "tools", "toolConfig", "generationConfig", "safetySettings", "cachedContent"}
GENERATION = {
    *("stopSequences", "responseMimeType", "responseSchema", "responseJsonSchema", "candidateCount", "seed"),
    *("maxOutputTokens", "temperature", "topP", "topK", "presencePenalty", "frequencyPenalty", "thinkingConfig"),
    *("responseModalities", "mediaResolution", "responseLogprobs", "logprobs", "speechConfig"),
}
DATA = {"text", "inlineData", "fileData", "functionCall", "functionResponse", "executableCode", "codeExecutionResult"}
BESIDE = {"thought", "thoughtSignature", "partMetadata", "videoMetadata", "mediaResolution"}
DECLARATION = {
    "name",
    "description",
    "behavior",
    "parameters",
    "parametersJsonSchema",
    "response",
    "responseJsonSchema",
}
SCHEMA = {
    *("type", "format", "title", "description", "nullable", "enum", "items", "minItems", "maxItems", "properties"),
    *("required", "propertyOrdering", "minimum", "maximum", "minLength", "maxLength", "pattern", "anyOf", "example"),
    *("default", "minProperties", "maxProperties"),
}
TOOLS = {"functionDeclarations", "googleSearch", "urlContext", "codeExecution"}
NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}")
SENTINELS = {"skip_thought_signature_validator", "context_engineering_is_the_way_to_go"}
LEVELS = {"LOW", "MEDIUM", "HIGH"}
"""MINIMAL is for the Flash models only."""


def complaints(asked: Any) -> Findings:
    """Everything about a request that Gemini would refuse."""
    found, body = Findings(), asked.body
    shared(found, "gemini", asked.headers, body, PROVIDER_KEY)
    low = {name.lower() for name in asked.headers}
    found.must("x-goog-api-key" in low and "authorization" not in low, "the key is not in x-goog-api-key alone")
    found.must("key=" not in asked.query, "the key stands in the query")
    found.keys("body", body, TOP, {"contents"})
    _generation(found, body.get("generationConfig") or {})
    _tools(found, body)
    if "systemInstruction" in body:
        found.keys("systemInstruction", body["systemInstruction"], {"parts", "role"}, {"parts"})
        found.must(body["systemInstruction"]["parts"], "systemInstruction.parts: must not be empty")
    for place, content in enumerate(body["contents"]):
        _content(found, f"contents[{place}]", content)
    _order(found, body["contents"])
    _signatures(found, asked.script, body["contents"])
    return found


def _generation(found: Findings, settings: dict[str, Any]) -> None:
    found.keys("generationConfig", settings, GENERATION)
    found.must(len(settings.get("stopSequences", [])) <= 5, "stopSequences: more than 5")
    thinking = settings.get("thinkingConfig") or {}
    found.keys("thinkingConfig", thinking, {"includeThoughts", "thinkingBudget", "thinkingLevel"})
    found.must(len({"thinkingBudget", "thinkingLevel"} & set(thinking)) < 2, "thinking budget and level together")
    level = thinking.get("thinkingLevel", "HIGH")
    found.must(level.upper() in LEVELS, f"Thinking level {level} is not supported for this model.")


def _tools(found: Findings, body: dict[str, Any]) -> None:
    names: list[str] = []
    for place, tool in enumerate(body.get("tools", [])):
        found.keys(f"tools[{place}]", tool, TOOLS)
        for at, function in enumerate(tool.get("functionDeclarations", [])):
            where = f"tools[{place}].functionDeclarations[{at}]"
            found.keys(where, function, DECLARATION, {"name"})
            found.must(NAME.fullmatch(function.get("name", "")), f"{where}.name: {function.get('name')!r}")
            both = "parameters" in function and "parametersJsonSchema" in function
            found.must(not both, f"{where}: parameters and parametersJsonSchema together")
            _schema(found, f"{where}.parameters", function.get("parameters", {}))
            names.append(function.get("name", ""))
    found.must(len(names) == len(set(names)), "Duplicate function declaration found")
    calling = (body.get("toolConfig") or {}).get("functionCallingConfig") or {}
    found.keys("functionCallingConfig", calling, {"mode", "allowedFunctionNames"})
    allowed = calling.get("allowedFunctionNames")
    found.must(not allowed or calling.get("mode") in {"ANY", "VALIDATED"}, "allowedFunctionNames without mode ANY")
    found.must(set(allowed or []) <= set(names), f"allowedFunctionNames: {allowed}")


def _schema(found: Findings, where: str, schema: Any) -> None:
    """`parameters` is the OpenAPI subset."""
    if not isinstance(schema, dict):
        return
    found.keys(where, schema, SCHEMA)
    for name, inner in schema.get("properties", {}).items():
        _schema(found, f"{where}.{name}", inner)
    for inner in [schema.get("items"), *schema.get("anyOf", [])]:
        _schema(found, where, inner)


def _content(found: Findings, where: str, content: dict[str, Any]) -> None:
    found.keys(where, content, {"role", "parts"}, {"parts"})
    found.must(content.get("role", "user") in {"user", "model"}, f"{where}.role: {content.get('role')}")
    found.must(content.get("parts"), f"{where}.parts: must not be empty")
    for at, part in enumerate(content.get("parts", [])):
        here = f"{where}.parts[{at}]"
        found.keys(here, part, DATA | BESIDE)
        found.must(len(DATA & set(part)) == 1, f"{here}: data must have one initialized field, has {sorted(part)}")
        signed_text = part.get("text") == "" and "thoughtSignature" in part
        found.must(part.get("text") != "" or signed_text, f"{here}: empty text")
        call, answer = part.get("functionCall"), part.get("functionResponse")
        if call is not None:
            found.keys(f"{here}.functionCall", call, {"id", "name", "args"}, {"name"})
            found.must(isinstance(call.get("args", {}), dict), f"{here}.functionCall.args: no object")
        if answer is not None:
            found.keys(f"{here}.functionResponse", answer, {"id", "name", "response", "parts"}, {"name", "response"})
            found.must(isinstance(answer.get("response"), dict), f"{here}.functionResponse.response: no object")


def _order(found: Findings, contents: list[dict[str, Any]]) -> None:
    """Calls follow a user's turn; as many responses as calls, in their order, right behind them."""
    found.must(contents and contents[0].get("role", "user") == "user", "the first content is not the user's")
    open_calls: list[dict[str, Any]] = []
    for place, content in enumerate(contents):
        calls = [part["functionCall"] for part in content["parts"] if "functionCall" in part]
        answers = [part["functionResponse"] for part in content["parts"] if "functionResponse" in part]
        where = f"contents[{place}]"
        same = len(answers) == len(open_calls)
        found.must(same, f"{where}: {len(answers)} function response parts for {len(open_calls)} function call parts")
        for call, answer in zip(open_calls, answers, strict=False):
            fits = call["name"] == answer["name"] and call.get("id") == answer.get("id")
            found.must(fits, f"{where}: the response {answer['name']} {answer.get('id')} is not the one to {call}")
        if calls:
            before = contents[place - 1].get("role", "user") if place else "nobody"
            found.must(before == "user", f"{where}: a function call turn behind {before}")
        open_calls = calls
    found.must(not open_calls, "the conversation ends with function calls")


def _signatures(found: Findings, script: Any, contents: list[dict[str, Any]]) -> None:
    """The first call of each model content of the current turn is signed; no signature is changed or misplaced."""
    asked = [
        place
        for place, content in enumerate(contents)
        if content.get("role", "user") == "user" and any("functionResponse" not in part for part in content["parts"])
    ]
    current = asked[-1] if asked else 0
    for place, content in enumerate(contents):
        calls = [part for part in content["parts"] if "functionCall" in part]
        if calls and place > current:
            name = calls[0]["functionCall"]["name"]
            signed = "thoughtSignature" in calls[0]
            found.must(signed, f"contents[{place}]: Function call {name} is missing a thought_signature")
        for part in content["parts"]:
            signature = part.get("thoughtSignature")
            if signature is None or signature in SENTINELS:
                continue
            belongs = part["functionCall"]["name"] if "functionCall" in part else "text"
            if found.must(script.given.get(signature) == belongs, f"contents[{place}]: Corrupted thought signature"):
                script.returned.append(signature)
