"""What the commands do; each returns its exit status."""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Iterable

from notifications_client.answers import Accepted, Explanation, Log, Message, SendResult
from notifications_client.asking import LogFilter, Notification
from notifications_client.client import Client
from notifications_client.command.output import Output, local_time, plain
from notifications_client.command.values import json_object, pairs
from notifications_client.refusals import clock_sentence
from notifications_client.rehearsals import DryRun, Prospect
from notifications_client.words import say

GOOD, FOUND = 0, 1
_NOTABLE_SKEW_MS = 5_000


def send(options: argparse.Namespace, client: Client, output: Output) -> int:
    """Send a notification, and wait for it if that is wanted."""
    note = _notification(options)
    if options.dry_run:
        return _dry_run(client.dry_run(note), output)
    wait = options.wait
    accepted = client.send(note, wait=wait)
    if wait is None:
        return _show_accepted(accepted, output)
    messages = client.wait(accepted, timeout=wait)
    if output.is_json:
        output.json({"request_id": accepted.request_id, "messages": messages})
    else:
        output.table(_log_line(message) for message in messages)
    return GOOD if all(item.log.status == "sent" for item in messages) else FOUND


def logs(options: argparse.Namespace, client: Client, output: Output) -> int:
    """List deliveries; JSON is one object a line."""
    wanted = LogFilter(
        user_id=options.user,
        channel=options.channel,
        status=options.status,
        template_key=options.template,
        since=options.since,
        until=options.until,
    )
    limit = options.limit or None
    found = client.logs(wanted, page_size=min(limit or 1000, 1000))
    _show_logs(itertools.islice(found, limit), output)
    return GOOD


def explain(options: argparse.Namespace, client: Client, output: Output) -> int:
    """Say where a delivery is, why, and what to do."""
    message = client.get(options.message_id)
    found = message.explanation
    if output.is_json:
        output.json(message)
    else:
        _show_message(message, output)
    return FOUND if found and found.severity != "info" else GOOD


def health(options: argparse.Namespace, client: Client, output: Output) -> int:
    """Say how the service is, and how this computer's clock is."""
    found = client.health(detailed=options.detailed)
    skew = client.clock_skew_ms
    if output.is_json:
        output.json({**found.fields, "clock_skew_ms": skew})
    else:
        output.line(f"{output.status(found.status)}  {found.version}")
        for name, is_good in found.services.items():
            shown = output.paint("✓", "good") if is_good else output.paint("✗", "bad")
            output.line(f"  {shown} {name}")
        if options.detailed:
            _show_details(found.fields, output)
        if skew is not None:
            colour = "open" if abs(skew) > _NOTABLE_SKEW_MS else "faint"
            output.line(output.paint(clock_sentence(skew), colour))
    return GOOD if found.is_healthy else FOUND


def _notification(options: argparse.Namespace) -> Notification:
    content = sys.stdin.read() if options.content == "-" else options.content
    values = {
        **(json_object("--vars", options.vars) or {}),
        **pairs("--var", options.var),
    }
    if content is None and not options.template:
        raise ValueError(say("Nothing to send: give a text, or --template KEY."))
    return Notification(
        user_id=options.user,
        content=content,
        subject=options.subject,
        channels=options.channel,
        template_key=options.template,
        variables=values if options.template else None,
        idempotency_key=options.idempotency_key,
        metadata=json_object("--metadata", options.metadata),
        priority=options.priority,
        send_at=options.send_at,
        expires_at=options.expires_at,
        dedupe_key=options.dedupe_key,
        dedupe_window=options.dedupe_window,
        ordering_key=options.ordering_key,
    )


def _dry_run(answer: DryRun, output: Output) -> int:
    if output.is_json:
        output.json(answer.fields)
    else:
        output.table(map(_prospect_line, answer.results))
        if not answer.would_accept:
            output.line(f"{answer.error} {answer.hint} [{answer.code}]")
        _show_details({"queue": answer.queue}, output)
    hopes = {"would_send", "would_wait"}
    is_well = all(result.status in hopes for result in answer.results)
    return GOOD if answer.would_accept and is_well else FOUND


def _prospect_line(result: Prospect) -> tuple[str, ...]:
    return result.channel, result.status, result.error or result.content


def _show_accepted(accepted: Accepted, output: Output) -> int:
    if output.is_json:
        output.json(accepted)
    else:
        output.table(map(_result_line, accepted.results))
        if accepted.is_replayed:
            output.warn(say("It had been accepted before; nothing more is sent."))
    failed = any(result.status == "failed" for result in accepted.results)
    return FOUND if failed else GOOD


def _result_line(result: SendResult) -> tuple[str, ...]:
    return result.channel, result.status, result.message_id, result.error


def _log_line(message: Message) -> tuple[str, ...]:
    log = message.log
    reason = message.explanation.title if message.explanation else ""
    return log.channel, log.status, log.message_id, reason or log.error


def _show_logs(found: Iterable[Log], output: Output) -> None:
    if output.is_json:
        for log in found:
            output.json({**log.fields, "channel": log.channel})
        return
    output.table(
        (
            local_time(log.created_at),
            log.status,
            log.channel,
            log.user_id,
            log.message_id,
            log.error or log.subject or log.content,
        )
        for log in found
    )


def _show_message(message: Message, output: Output) -> None:
    log = message.log
    output.line(f"{output.status(log.status)}  {log.channel}  {log.user_id}")
    for event in message.timeline:
        moment = output.paint(local_time(event.at), "faint")
        output.line(f"  {moment}  {event.text}")
    output.line()
    if message.explanation is None:
        output.line(say("Nothing is wrong with it."))
    else:
        _show_explanation(message.explanation, output)


def _show_explanation(found: Explanation, output: Output) -> None:
    output.line(output.paint(found.title, "strong"))
    output.line(found.cause)
    if found.remedy:
        output.line()
        output.line(say("What to do ({who}):", who=found.who))
        for number, step in enumerate(found.remedy, start=1):
            output.line(f"  {number}. {step}")
    if found.verify:
        output.line(say("Then: {verify}", verify=found.verify))
    if found.evidence:
        output.line()
        _show_details(found.evidence, output)


def _show_details(fields: object, output: Output, indent: str = "  ") -> None:
    shown = plain(fields)
    for name, value in shown.items() if isinstance(shown, dict) else ():
        if isinstance(value, dict):
            output.line(f"{indent}{name}:")
            _show_details(value, output, indent + "  ")
        elif isinstance(value, list):
            output.line(f"{indent}{name}: {', '.join(map(str, value))}")
        else:
            output.line(f"{indent}{name}: {value}")
