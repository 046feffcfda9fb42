# SPDX-License-Identifier: MIT
# Packages the checkout that contains this file: conan create fovea/cmake/packaging/conan -s compiler.cppstd=20
import re
from pathlib import Path

from conan import ConanFile
from conan.errors import ConanInvalidConfiguration
from conan.tools.build import check_min_cppstd
from conan.tools.files import copy

required_conan_version = ">=2.0"


class Fovea(ConanFile):
    name = "fovea"
    description = "Machine learning on the tensor types a program already has"
    license = "MIT"
    topics = ("machine-learning", "xtensor", "simd", "header-only")
    package_type = "header-library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"with_xtensor": [True, False], "with_xtensor_blas": [True, False], "with_safetensors": [True, False]}
    default_options = dict.fromkeys(options, False)  # the headers have no dependencies of their own
    no_copy_source = True

    @property
    def checkout(self):
        return Path(self.recipe_folder).parents[2]

    def set_version(self):
        config = (self.checkout / "include/fovea/config.hpp").read_text()
        self.version = ".".join(re.findall(r"#define FOVEA_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", config))

    def export_sources(self):
        for pattern in "include/*", "LICENSE":
            copy(self, pattern, self.checkout, self.export_sources_folder)

    def requirements(self):
        if self.options.with_xtensor:
            self.requires("xtensor/[>=0.24.3 <1]")
            self.requires("xsimd/[>=8.1]")
        if self.options.with_xtensor_blas:
            self.requires("xtensor-blas/[>=0.20 <1]")
            self.requires("openblas/[>=0.3.20 <1]")
        if self.options.with_safetensors:
            self.requires("nlohmann_json/[>=3.10 <4]")

    def validate(self):
        check_min_cppstd(self, 20)
        if self.options.with_xtensor_blas and not self.options.with_xtensor:
            raise ConanInvalidConfiguration("with_xtensor_blas needs with_xtensor")

    def package_id(self):
        self.info.clear()

    def package(self):
        copy(self, "include/*", self.source_folder, self.package_folder)
        copy(self, "LICENSE", self.source_folder, str(Path(self.package_folder) / "licenses"))

    def package_info(self):
        self.cpp_info.set_property("cmake_target_name", "fovea::all")
        self.component("fovea")
        if self.options.with_xtensor:
            xtensor = self.component("xtensor", "xtensor::xtensor", "xsimd::xsimd")
            xtensor.defines = ["XTENSOR_USE_XSIMD"]
            if self.settings.os in ("Linux", "FreeBSD"):
                xtensor.system_libs = ["pthread"]
        if self.options.with_xtensor_blas:
            blas = self.component("xtensor_blas", "xtensor", "xtensor-blas::xtensor-blas", "openblas::openblas")
            blas.defines = ["FOVEA_XTENSOR_BLAS", "HAVE_CBLAS=1"]
        if self.options.with_safetensors:
            self.component("safetensors", "nlohmann_json::nlohmann_json")

    def component(self, name, *requires):
        """Describes the CMake target fovea::name, which depends on fovea::fovea and `requires`."""
        component = self.cpp_info.components[name]
        component.set_property("cmake_target_name", f"fovea::{name}")
        component.set_property("pkg_config_name", "fovea" if name == "fovea" else f"fovea-{name}")
        component.bindirs = component.libdirs = []
        if name != "fovea":
            component.includedirs = []
            component.requires = ["fovea", *requires]
        return component
