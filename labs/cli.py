"""The command line of `labs`. Each command imports what it needs when it runs."""

from __future__ import annotations

import os
from typing import Any

import click

from grader.errors import EnvironmentFault
from labs import cli_learning
from labs.commands import unsaved

NAME = click.argument("name", default="default", required=False)
_DEBUG = click.Option(["--debug"], is_flag=True, expose_value=False, help="Print tracebacks of the program's faults.")


class _Command(click.Command):
    """A command that takes `--debug`."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        return [*super().get_params(ctx), _DEBUG]


class _Labs(click.Group):
    """Tells what the system refuses (a folder that may not be read, a full disk) as a fault of the surroundings."""

    command_class = _Command
    group_class = type  # groups in it are of this class too

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Every command with its whole first sentence, which click would cut off at the width."""
        found = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        rows = [(name, one.get_short_help_str(200)) for name, one in found if one and not one.hidden]
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            with unsaved.told(ctx):
                return super().invoke(ctx)
        except BrokenPipeError:
            raise
        except OSError as error:
            place = None if error.filename is None else str(error.filename)
            raise EnvironmentFault(error.strerror or str(error), where=place) from error


@click.group(cls=_Labs, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="platform-labs")
@click.option("--debug", is_flag=True, expose_value=False, help="Show where a fault of the program itself came from.")
@click.option("--plain", is_flag=True, help="Plain lines, without boxes or anything that moves. Also: LABS_PLAIN=1.")
@click.pass_context
def labs(context: click.Context, plain: bool) -> None:
    """Interactive labs for platform engineering. Without a command the program opens."""
    if plain:
        os.environ["LABS_PLAIN"] = "1"
    if context.invoked_subcommand is None:
        from labs.commands.program import open_program

        open_program(labs)


@labs.command()
@NAME
@click.option(
    "--cluster",
    "backend",
    type=click.Choice(["kind", "simulated"]),
    help="What the lab is made of.  [default: kind where this machine can carry it, else simulated]",
)
@click.option("--overrides", metavar="FILE", help="What to take in place of public images and charts.")
@click.option("--if-none", is_flag=True, help="Do nothing where there is a lab already, of any name.")
def up(name: str, backend: str | None, overrides: str | None, if_none: bool) -> None:
    """Make the lab, or go on where it was interrupted."""
    from labs.commands import lifecycle

    if not (if_none and lifecycle.any_lab()):
        lifecycle.up(name, overrides, backend)


@labs.command()
@NAME
@click.option("--discard", is_flag=True, help="Do not keep the commits on a backup.")
def down(name: str, discard: bool) -> None:
    """Remove the lab; its commits are kept on a backup."""
    from labs.commands import lifecycle

    lifecycle.down(name, discard)


@labs.command()
@NAME
def stop(name: str) -> None:
    """Stop the lab's node; all that is in it stays."""
    from labs.commands import lifecycle

    lifecycle.stop(name)


@labs.command()
@NAME
def start(name: str) -> None:
    """Start a stopped lab again."""
    from labs.commands import lifecycle

    lifecycle.start(name)


@labs.command()
@NAME
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def status(name: str, form: str) -> None:
    """What runs, from which images, and where everything is."""
    from labs.commands import look

    look.status(name, form)


@labs.command("list")
def list_() -> None:
    """The labs that there are."""
    from labs.commands import look

    look.listing()


@labs.command("open")
@NAME
def open_(name: str) -> None:
    """Address and password of Argo CD."""
    from labs.commands import look

    look.addresses(name)


@labs.command()
@NAME
@click.option("-c", "command", metavar="COMMAND", help="Run this and come back, with its exit code.")
def shell(name: str, command: str | None) -> None:
    """A shell in the clone, with the lab's kubeconfig and Helm settings."""
    from labs.commands import shell as shells

    shells.enter(name, command)


@labs.group()
def install() -> None:
    """Install a part that a lesson asks for."""


@install.command("kyverno")
@NAME
def install_kyverno(name: str) -> None:
    """Install Kyverno with the lab's values, as the text does."""
    from labs.commands import lifecycle

    lifecycle.install_kyverno(name)


@labs.group()
def trust() -> None:
    """Give a part the lab's trust."""


@trust.command("kyverno")
@NAME
def trust_kyverno(name: str) -> None:
    """Let an installed Kyverno trust the lab's signatures; its own values stay."""
    from labs.commands import lifecycle

    lifecycle.trust_kyverno(name)


@labs.command()
@click.argument("sample", required=False)
@click.option("--lab", "name", metavar="NAME", help="Which lab.  [default: this shell's lab]")
def sample(sample: str | None, name: str | None) -> None:
    """The image of one of the lab's samples; without a name all of them."""
    from labs.commands import samples

    samples.tell(sample, name)


@labs.group()
def image() -> None:
    """Look into images, of the lab's registry or of any public one."""


_LAB = click.option("--lab", "name", metavar="NAME", help="Whose registry to ask first.  [default: this shell's lab]")
_TABLE = click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)


@image.command("sbom")
@click.argument("image")
@_LAB
@_TABLE
def image_sbom(image: str, name: str | None, form: str) -> None:
    """List the packages of an image, and who says so."""
    from labs.commands import image as images

    images.sbom(image, name, form)


@image.command("verify")
@click.argument("image")
@click.option("--identity", help="Who must have signed.  [default: Chainguard's release workflow]")
@click.option("--issuer", help="Who must vouch for the signer.  [default: GitHub Actions]")
@click.option("--details", is_flag=True, help="Tell of every signature and attestation, not of the decisive one alone.")
@_LAB
@_TABLE
def image_verify(
    image: str, identity: str | None, issuer: str | None, details: bool, name: str | None, form: str
) -> None:
    """Say who signed an image, what was checked, and what could not be."""
    from labs.commands import image as images

    images.check(image, name, form, identity, issuer, details=details)


@image.command("compare")
@click.argument("image")
@click.argument("other", required=False)
@click.option("--svg", metavar="FILE", help="Also draw the comparison.")
@_LAB
@_TABLE
def image_compare(image: str, other: str | None, svg: str | None, name: str | None, form: str) -> None:
    """Put two images side by side; without OTHER the upstream of a Chainguard image."""
    from labs.commands import image as images

    images.side_by_side(image, other, name, form, svg)


@labs.command()
@click.option("--report", metavar="FILE", default="demo-report.json", show_default=True, help="Where the report goes.")
def demo(report: str) -> None:
    """Play module 01 by itself, on a simulated lab that is gone at the end."""
    from labs.commands import demo as demos

    demos.play(report)


@labs.command()
def doctor() -> None:
    """Which lab this machine can carry, and what to do for a real one."""
    from labs.commands import look

    look.doctor()


@labs.command()
@click.argument("name", required=False)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to be reached at.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Which port.  [default: one that is free]")
@click.option("--expose", is_flag=True, help="Allow an address that other machines reach.")
def serve(name: str | None, host: str, port: int, expose: bool) -> None:
    """The program in a browser, without commands, shell or editor."""
    from labs.commands import serve as serving

    serving.serve(name, host, port, expose)


cli_learning.add(labs)


def run() -> int:
    """Runs the command line; returns the exit code."""
    from grader import console

    return console.run(labs, program="labs")
