"""`helm` in the shell of a simulated lab."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from grader.errors import LabsError
from grader.kube import Kube, connect
from labs.cluster.simulated.helm import actions, show
from labs.cluster.simulated.helm.releases import Releases
from labs.cluster.simulated.helm.values import collect, merged

Command = Callable[..., Any]


def _options(*names: str) -> Callable[[Command], Command]:
    known = {
        "namespace": click.option("-n", "--namespace", default="default"),
        "kubeconfig": click.option("--kubeconfig", type=click.Path(path_type=Path)),
        "values": click.option("-f", "--values", "files", multiple=True),
        "set": click.option("--set", "settings", multiple=True),
        "version": click.option("--version"),
        "create": click.option("--create-namespace", is_flag=True),
        "wait": click.option("--wait", is_flag=True, expose_value=False),
        "no-hooks": click.option("--no-hooks", is_flag=True, expose_value=False),
        "cascade": click.option(
            "--cascade", type=click.Choice(["background", "orphan", "foreground"]), expose_value=False
        ),
        "timeout": click.option("--timeout", expose_value=False),
        "output": click.option("-o", "--output", "form", type=click.Choice(["table", "json", "yaml"]), default="table"),
    }

    def decorate(command: Command) -> Command:
        for name in reversed(names):
            command = known[name](command)
        return command

    return decorate


class _Small(click.Group):
    """A group whose refusal of a command or an option that Helm has says why it is not here."""

    def main(self, *arguments: Any, **more: Any) -> Any:
        """Runs a command line, and ends as a program does."""
        try:
            sys.exit(super().main(*arguments, **{**more, "standalone_mode": False}) or 0)
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.format_message())
            sys.exit(0)
        except click.ClickException as error:
            click.echo(f"Error: simulated: {error.format_message()}", err=True)
        except click.Abort:
            click.echo("Aborted!", err=True)
        sys.exit(1)


@click.group(cls=_Small, context_settings={"help_option_names": ["-h", "--help"]})
def helm() -> None:
    """A small helm: it installs the course's charts into the simulated cluster."""


@helm.command()
@click.argument("name")
@click.argument("reference", metavar="CHART")
@_options("namespace", "kubeconfig", "values", "set", "version", "create", "wait", "timeout")
def install(
    name: str, reference: str, namespace: str, kubeconfig: Path | None, files: tuple[str, ...],
    settings: tuple[str, ...], version: str | None, create_namespace: bool,
) -> None:  # fmt: skip
    """Install a chart."""
    with _told("INSTALLATION FAILED: "), _cluster(kubeconfig) as kube:
        chart = actions.chart(reference, version)
        values = collect(files, settings)
        made = actions.install(kube, name, chart, namespace, values, create_namespace=create_namespace)
        click.echo(show.status(made))


@helm.command()
@click.argument("name")
@click.argument("reference", metavar="CHART")
@click.option("-i", "--install", "or_install", is_flag=True)
@click.option("--reuse-values", is_flag=True)
@_options("namespace", "kubeconfig", "values", "set", "version", "create", "wait", "timeout")
def upgrade(
    name: str, reference: str, or_install: bool, reuse_values: bool, namespace: str, kubeconfig: Path | None,
    files: tuple[str, ...], settings: tuple[str, ...], version: str | None, create_namespace: bool,
) -> None:  # fmt: skip
    """Upgrade a release."""
    with _told("UPGRADE FAILED: "), _cluster(kubeconfig) as kube:
        chart = actions.chart(reference, version)
        values = collect(files, settings)
        old = Releases(kube).find(name, namespace)
        if old is None and or_install:
            click.echo(f'Release "{name}" does not exist. Installing it now.')
            made = actions.install(kube, name, chart, namespace, values, create_namespace=create_namespace)
            click.echo(show.status(made))
            return
        values = merged(old["config"], values) if old and reuse_values else values
        click.echo(show.status(actions.upgrade(kube, name, chart, namespace, values), upgraded=True))


@helm.command()
@click.argument("name")
@_options("namespace", "kubeconfig", "wait", "timeout", "no-hooks", "cascade")
def uninstall(name: str, namespace: str, kubeconfig: Path | None) -> None:
    """Uninstall a release."""
    with _told(""), _cluster(kubeconfig) as kube:
        kept = actions.uninstall(kube, name, namespace)
        if kept:
            click.echo("These resources were kept due to the resource policy:\n" + "\n".join(kept) + "\n")
        click.echo(f'release "{name}" uninstalled')


@helm.command()
@click.argument("name")
@_options("namespace", "kubeconfig", "output")
def status(name: str, namespace: str, kubeconfig: Path | None, form: str) -> None:
    """Show a release."""
    with _told(""), _cluster(kubeconfig) as kube:
        found = Releases(kube).find(name, namespace)
        if found is None:
            raise LabsError("release: not found")
        click.echo(show.status(found) if form == "table" else show.dumped(found, form))


@helm.command("list")
@click.option("-A", "--all-namespaces", is_flag=True)
@click.option("-a", "--all", "every", is_flag=True, expose_value=False)
@_options("namespace", "kubeconfig", "output")
def list_releases(all_namespaces: bool, namespace: str, kubeconfig: Path | None, form: str) -> None:
    """List releases."""
    with _told(""), _cluster(kubeconfig) as kube:
        click.echo(show.listing(Releases(kube).all("" if all_namespaces else namespace), form))


helm.add_command(list_releases, "ls")


@helm.group()
def get() -> None:
    """Show details of a release."""


@get.command()
@click.argument("name")
@_options("namespace", "kubeconfig", "output")
def values(name: str, namespace: str, kubeconfig: Path | None, form: str) -> None:
    """Show the values given to a release."""
    with _told(""), _cluster(kubeconfig) as kube:
        found = Releases(kube).find(name, namespace)
        if found is None:
            raise LabsError("release: not found")
        prefix = "USER-SUPPLIED VALUES:\n" if form == "table" else ""
        click.echo(prefix + show.dumped(found["config"], "json" if form == "json" else "yaml"))


@helm.group()
def repo() -> None:
    """Chart repositories: the course's are known already."""


@repo.command()
@click.argument("name")
@click.argument("url")
def add(name: str, url: str) -> None:
    """Add a chart repository."""
    if name in actions.REPOSITORIES:
        click.echo(f'"{name}" already exists with the same configuration, skipping')
        return
    click.echo(f"Error: simulated: charts of {url} cannot be had here", err=True)
    sys.exit(1)


@repo.command()
def update() -> None:
    """Update the repositories."""
    click.echo("Update Complete. ⎈Happy Helming!⎈")


@repo.command("list")
def list_repositories() -> None:
    """List the repositories."""
    for name, url in {"NAME": "URL", **actions.REPOSITORIES}.items():
        click.echo(f"{name:<18}\t{url}")


@helm.command()
def version() -> None:
    """Show the version."""
    click.echo('version.BuildInfo{Version:"v3.22.0+simulated"}')


@contextmanager
def _told(prefix: str) -> Iterator[None]:
    """Prints a fault as Helm does, and ends with code 1."""
    try:
        yield
    except LabsError as error:
        click.echo(f"Error: {prefix}{error.message}", err=True)
        sys.exit(1)


def _cluster(kubeconfig: Path | None) -> Kube:
    named = os.environ.get("KUBECONFIG")
    return connect(kubeconfig or (Path(named) if named else None))


if __name__ == "__main__":
    helm(prog_name="helm")
