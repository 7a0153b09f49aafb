"""What pyproject.toml cannot say: an editable installation has the data files, too."""

from setuptools import Distribution, setup


class DistributionWithData(Distribution):
    """Answers `has_data`, which setuptools asks for before it puts data files into an editable wheel.

    Its own method of that meaning has another name, so that it leaves them out.
    """

    has_data = Distribution.has_data_files


setup(distclass=DistributionWithData)
