# A formula for a tap. `make formula` puts the version and the hash of the source distribution in. Untested: where this
# was written there was no Homebrew.
class Ssmtui < Formula
  desc "Find out why an AWS Session Manager session will not open, and mend it"
  homepage "https://pypi.org/project/ssmtui/"
  url "https://files.pythonhosted.org/packages/source/s/ssmtui/ssmtui-@VERSION@.tar.gz"
  sha256 "@SHA256@"
  license "Apache-2.0"

  depends_on "python@3.13"

  def install
    python = Formula["python@3.13"].opt_bin/"python3.13"
    # What runs it and what builds it, of the lock that the source distribution holds: every file by its hash.
    locked = Utils.safe_popen_read(python, "-m", "tools.locked", "hatchling", "babel")
    (buildpath/"locked.txt").write locked
    system python, "-m", "venv", libexec
    pip = [libexec/"bin/python", "-m", "pip", "install", "--disable-pip-version-check"]
    system(*pip, "--require-hashes", "--requirement", buildpath/"locked.txt")
    system(*pip, "--no-deps", "--no-build-isolation", buildpath)
    bin.install_symlink libexec/"bin/ssmtui"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/ssmtui --version")
    assert_match "ssmtui.explain/1", shell_output("#{bin}/ssmtui explain TargetNotConnected --format json")
  end
end
