"""Stock Flask with nothing of ours: what any Flask app pays for taking a page of candidates and answering."""

from flask import Flask, Response, jsonify, request

app = Flask(__name__)


@app.post("/nothing")
def answer_nothing() -> Response:
    """Parse the body and answer nothing."""
    request.get_json()
    return jsonify(decisions=[])


@app.post("/as-much")
def answer_as_much() -> Response:
    """Parse the body and answer as much as a filter does, without deciding anything."""
    candidates = request.get_json()["candidates"]
    return jsonify(decisions=[{"id": each["id"], "outcome": "keep"} for each in candidates])
